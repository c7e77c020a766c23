/** The review begins what belongs to the case that it shows. */
import { Quota, type ReviewCase } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { ReviewModel } from '../src/review/review-model.svelte.ts';

/** A server that answers when it is told to, and knows which versions were checked. */
function slowServer() {
  const checked: string[] = [];
  const answers = new Map<string, () => void>();
  const reviewCase = (module_id: string, version: string) =>
    new Promise<ReviewCase>((resolve) => {
      const assigned = { permissions: [], ...Quota.parse({}) };
      const found = { version: { module_id, version, state: 'submitted', assigned }, has_workflows: true };
      answers.set(version, () => resolve(found as unknown as ReviewCase));
    });
  async function* checkSubmitted(_: string, version: string) {
    checked.push(version);
    yield* [];
  }
  const api = { reviewCase, checkSubmitted, toReview: () => Promise.resolve([]) };
  const model = new ReviewModel(api as unknown as ConstructorParameters<typeof ReviewModel>[0]);
  return { model, checked, answer: (version: string) => answers.get(version)?.() };
}

const of = (version: string) => ({ module_id: 'm', version });

it('checks the case that is shown last, whichever answer comes last', async () => {
  const { model, checked, answer } = slowServer();
  const shown = [model.show(of('1.0.0')), model.show(of('2.0.0'))];
  answer('2.0.0');
  answer('1.0.0');
  await Promise.all(shown);
  expect(checked).toEqual(['2.0.0']);
  expect(model.open?.version.version).toBe('2.0.0');
});

it.each([
  ['was closed', (model: ReviewModel) => model.end()],
  ['shows the list again', (model: ReviewModel) => void model.back()],
])('checks nothing in a window that %s meanwhile', async (_, leave) => {
  const { model, checked, answer } = slowServer();
  const shown = model.show(of('1.0.0'));
  leave(model);
  answer('1.0.0');
  await shown;
  expect(checked).toEqual([]);
  expect(model.open).toBeNull();
});

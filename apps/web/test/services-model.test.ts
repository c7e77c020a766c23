/** The Services window while modules come and go. */
import { HanabiError, type UserService } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { ServicesModel } from '../src/services/services-model.svelte.ts';

/** A server that keeps these services, and refuses what is asked of others. */
function serverWith(...names: string[]) {
  let kept = names;
  const known = <Answer>(id: string, answer: Answer) =>
    kept.includes(id) ? Promise.resolve(answer) : Promise.reject(new HanabiError('HANABI-M001', id));
  const status = { state: 'running' } as UserService['status'];
  const api = {
    all: () =>
      Promise.resolve({ services: kept.map((module_id) => ({ module_id, module_name: `The ${module_id}`, status })) }),
    status: (id: string) => known(id, status),
    act: (id: string) => known(id, status),
    log: (id: string) => known(id, { entries: [] }),
    state: () => Promise.reject(new HanabiError('HANABI-V011')),
  };
  const model = new ServicesModel(api as unknown as ConstructorParameters<typeof ServicesModel>[0]);
  return { model, remove: (gone: string) => (kept = kept.filter((one) => one !== gone)) };
}

it.each([
  ['the rights have changed', (model: ServicesModel) => model.take({ topic: 'rights' })],
  [
    'it tells of itself for the last time',
    (model: ServicesModel) => model.take({ topic: 'service', module_id: 'a', what: 'status' }),
  ],
  ['something is asked of it', (model: ServicesModel) => model.act('stop')],
])('says that a service is gone with its module once %s', async (_, happens) => {
  const { model, remove } = serverWith('a', 'b');
  await model.load();
  expect(model.chosen?.module_id).toBe('a');
  remove('a');
  await happens(model);
  expect(model.error).toBeNull();
  expect(model.gone).toBe('The a');
  expect(model.services?.map(({ module_id }) => module_id)).toEqual(['b']);
  // What is pressed next was meant for the one that is gone.
  expect(model.chosen).toBeNull();
  await model.choose('b');
  expect([model.gone, model.chosen?.module_id]).toEqual([null, 'b']);
});

it('goes on with its own when another one goes', async () => {
  const { model, remove } = serverWith('a', 'b');
  await model.load();
  remove('b');
  await model.take({ topic: 'service', module_id: 'b', what: 'status' });
  expect([model.error, model.gone, model.chosen?.module_id]).toEqual([null, null, 'a']);
});

it('tells what a service that is there refuses', async () => {
  const { model } = serverWith('a');
  await model.load();
  await model.show('state');
  expect(model.error?.code).toBe('HANABI-V011');
  expect(model.chosen?.module_id).toBe('a');
});

import type { UserWorkflow } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { PlaybackModel } from '../src/playback/playback-model.svelte.ts';

it('shows the answer to what was typed last, in whatever order the answers come', async () => {
  const answers = new Map<string, (workflows: UserWorkflow[]) => void>();
  const model = new PlaybackModel({
    all: ({ search = '' }) => new Promise((resolve) => answers.set(search, (workflows) => resolve({ workflows }))),
    playback: () => Promise.reject(new Error('nobody opens one')),
  });
  const typed = ['l', 'lantern'].map((search) => {
    model.search = search;
    return model.load();
  });
  const found = [{ run_id: 'lanterns' } as UserWorkflow];
  answers.get('lantern')!(found);
  await typed[1];
  answers.get('l')!([]);
  await typed[0];
  expect(model.runs).toEqual(found);
});

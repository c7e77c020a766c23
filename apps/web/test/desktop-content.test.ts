/** What lies on the desktop, while answers come in any order. */
import type { DesktopContent } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { DesktopContents } from '../src/desktop/desktop-content.svelte.ts';

function slowServer() {
  const answers: ((folder_id: string) => void)[] = [];
  let made = 0;
  const contents = new DesktopContents({
    desktop: () =>
      new Promise<DesktopContent>((resolve) =>
        answers.push((folder_id) => resolve({ folder_id, folders: [], files: [], shortcuts: [] })),
      ),
    desktopFolder: async () => {
      made += 1;
      return { id: 'made', name: 'Desktop', parent_id: 'root', updated_at: '', module_id: null };
    },
    removeShortcut: () => Promise.resolve(),
  });
  return { contents, answers, made: () => made };
}

it('is for whoever loaded it as new as the newest answer', async () => {
  const { contents, answers } = slowServer();
  const seen = contents.load().then(() => contents.folderId);
  const newest = contents.load();
  answers[0]!('old');
  // Time enough for an answer that would not wait for the newer one.
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  answers[1]!('new');
  expect(await seen).toBe('new');
  await newest;
});

it('makes its folder when the first thing is put there, and never again', async () => {
  const { contents, made } = slowServer();
  expect(await contents.ensureFolder()).toBe('made');
  expect(await contents.ensureFolder()).toBe('made');
  expect(made()).toBe(1);
});

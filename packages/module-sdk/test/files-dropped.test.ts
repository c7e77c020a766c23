import { expect, test } from 'vitest';
import { createHanabiClient } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

test('onFilesDropped asks for drops and hears of them until it is told to stop', () => {
  const host = fakeHost();
  const heard: string[][] = [];
  const stop = createHanabiClient({ window: host.window }).onFilesDropped((files) => {
    heard.push(files.map(({ name }) => name));
  });
  expect(host.sent[0]).toMatchObject({ v: 1, type: 'HANABI_ENABLE_FILE_DROP' });
  const file = { id: 'f-1', name: 'a.txt', mime_type: 'text/plain', size_bytes: 1 };
  const drop = { v: 1, type: 'HANABI_FILES_DROPPED', files: [file] };
  host.deliver(drop);
  host.deliver({ ...drop, type: 'HANABI_SOMETHING_ELSE' });
  host.deliver(drop, 'a sibling');
  expect(heard).toEqual([['a.txt']]);
  stop();
  host.deliver(drop);
  expect(heard).toHaveLength(1);
});

test('a page that asked for drops tells of files that are dragged over it, and of nothing else', () => {
  const host = fakeHost();
  const drag = (...types: string[]) =>
    host.window.dispatchEvent(Object.assign(new Event('dragenter'), { dataTransfer: { types } }));
  const stop = createHanabiClient({ window: host.window }).onFilesDropped(() => undefined);
  drag('text/plain');
  expect(host.sent).toHaveLength(1);
  drag('text/plain', 'Files');
  expect(host.sent[1]).toMatchObject({ v: 1, type: 'HANABI_ENABLE_FILE_DROP', dragging: true });
  stop();
  drag('Files');
  expect(host.sent).toHaveLength(2);
});

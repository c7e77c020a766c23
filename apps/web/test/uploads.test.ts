import { expect, it, vi } from 'vitest';
import { onFilesChanged } from '../src/files/files-changed.ts';
import { Uploads } from '../src/files/uploads.svelte.ts';
import { MemoryApi } from './memory-api.ts';

const file = (name: string) => new File(['0123456789'], name);

function gated() {
  const api = new MemoryApi();
  const gate: { open?: () => void } = {};
  api.uploadGate = new Promise((resolve) => {
    gate.open = resolve;
  });
  return { api, uploads: new Uploads(api), open: () => gate.open?.() };
}

it('sends two at a time, and tells the views about each that ended', async () => {
  const { api, uploads, open } = gated();
  const changed = vi.fn();
  const stop = onFilesChanged(changed);
  uploads.add('root', [file('a'), file('b'), file('c')]);
  expect(uploads.all.map((upload) => upload.state)).toEqual(['sending', 'sending', 'waiting']);
  expect(uploads.all[0]!.pct).toBe(50);
  open();
  await vi.waitFor(() => expect(uploads.done).toBe(3));
  stop();
  expect(api.files.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(changed).toHaveBeenCalledTimes(3);
});

it('keeps the error of the one that failed and goes on with the others', async () => {
  const uploads = new Uploads(new MemoryApi());
  uploads.add('root', [file('broken'), file('fine')]);
  await vi.waitFor(() => expect(uploads.under_way).toBe(0));
  expect(uploads.all.map((upload) => [upload.state, upload.error?.code])).toEqual([
    ['failed', 'HANABI-F008'],
    ['done', undefined],
  ]);
});

it('cancels one, before it began or on its way, and lets the next one in', async () => {
  const { api, uploads, open } = gated();
  uploads.add('root', [file('a'), file('b'), file('c'), file('d')]);
  const [a, , c, d] = uploads.all;
  uploads.cancel(c!);
  uploads.cancel(a!);
  expect([a!.state, c!.state, d!.state]).toEqual(['cancelled', 'cancelled', 'sending']);
  open();
  await vi.waitFor(() => expect(uploads.under_way).toBe(0));
  expect(api.files.map(({ name }) => name)).toEqual(['b', 'd']);
  expect(a!.error).toBeNull();
});

import { afterEach, expect, test, vi } from 'vitest';
import { createHanabiClient } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

afterEach(() => vi.restoreAllMocks());

const progress = { jobId: 'j-1', progressPct: 40, message: 'Working' };
const output = { jobId: 'j-1', seq: 1, chunk: 'line', encoding: 'text' };

test('progress and output reach their callbacks bare of the envelope, until the reply', async () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const seen: unknown[] = [];
  const answer = client.createJob(
    { size_px: 64 },
    ['f-1'],
    (event) => seen.push(event),
    (event) => seen.push(event),
  );
  const request = host.sent[0]!;
  expect(request).toMatchObject({ options: { size_px: 64 }, inputRefs: ['f-1'], stream: true });
  host.deliver({ v: 1, type: 'HANABI_JOB_PROGRESS', rid: request.rid, ...progress });
  host.deliver({ v: 1, type: 'HANABI_JOB_OUTPUT', rid: request.rid, ...output });
  host.deliver({ v: 1, type: 'HANABI_UNHEARD_OF', rid: request.rid });
  host.reply(request, { ok: true, data: { job: { id: 'j-1' } } });
  host.deliver({ v: 1, type: 'HANABI_JOB_PROGRESS', rid: request.rid, ...progress });
  expect((await answer).job.id).toBe('j-1');
  expect(seen).toEqual([progress, output]);
});

test('events of another sender or another request reach nobody', () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const onProgress = vi.fn<() => void>();
  void client.createJob({}, [], onProgress);
  const { rid } = host.sent[0]!;
  host.deliver({ v: 1, type: 'HANABI_JOB_PROGRESS', rid, ...progress }, { a: 'sibling' });
  host.deliver({ v: 1, type: 'HANABI_JOB_PROGRESS', rid: `${rid}x`, ...progress });
  expect(onProgress).not.toHaveBeenCalled();
});

test('a callback that throws costs neither later events nor the reply', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  const onProgress = vi.fn<() => void>(() => {
    throw new Error('bug of the module');
  });
  const answer = client.createJob({}, [], onProgress);
  const request = host.sent[0]!;
  host.deliver({ v: 1, type: 'HANABI_JOB_PROGRESS', rid: request.rid, ...progress });
  host.deliver({ v: 1, type: 'HANABI_JOB_PROGRESS', rid: request.rid, ...progress });
  host.reply(request, { ok: true, data: { job: { id: 'j-1' } } });
  expect((await answer).job.id).toBe('j-1');
  expect(onProgress).toHaveBeenCalledTimes(2);
  expect(logged).toHaveBeenCalledTimes(2);
});

test.each([
  [[undefined, undefined], undefined],
  [[() => {}, undefined], true],
  [[undefined, () => {}], true],
] as const)('createJob asks for a stream only when someone listens (%#)', ([onProgress, onOutput], stream) => {
  const host = fakeHost();
  void createHanabiClient({ window: host.window }).createJob({}, [], onProgress, onOutput);
  expect(host.sent[0]!['stream']).toBe(stream);
});

test('a page that listens confirms what it has taken, every now and then', () => {
  const host = fakeHost();
  void createHanabiClient({ window: host.window }).createJob({}, [], undefined, () => {});
  const { rid } = host.sent[0]!;
  expect(host.sent[0]).toMatchObject({ stream: true, confirm: true });
  for (let seq = 1; seq <= 40; seq += 1) host.deliver({ v: 1, type: 'HANABI_JOB_OUTPUT', rid, ...output, seq });
  expect(host.sent.slice(1)).toEqual([
    { v: 1, type: 'HANABI_EVENTS_TAKEN', rid, count: 16 },
    { v: 1, type: 'HANABI_EVENTS_TAKEN', rid, count: 32 },
  ]);
});

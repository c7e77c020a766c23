/** Recordings of a recorder, replayed to pages that do the same and pages that do not. */
import { type Launch, type Permission, PROTOCOL_VERSION, type Recording, type RequestEnvelope } from '@hanabi/protocol';
import { expect, test } from 'vitest';
import { Recorder } from '../src/debugger/recorder.svelte.ts';
import { Replay } from '../src/debugger/replay.svelte.ts';

const launchWith = (declared: Permission[]) =>
  ({
    id: 'l',
    declared,
    context: { id: 'draft--m', name: 'M', version: '1.0.0', permissions: declared, folders: [], features: [] },
  }) as unknown as Launch;

const request = (type: string, rid: string, payload = {}): RequestEnvelope => ({
  v: PROTOCOL_VERSION,
  type,
  rid,
  payload,
});

type Step =
  | { ask: string; rid: string; payload?: Record<string, unknown> }
  | { reply: string; data?: unknown; error?: unknown }
  | { event: string; rid?: string; payload?: Record<string, unknown> };

function record(steps: readonly Step[], declared: Permission[] = ['notifications']): Promise<Recording> {
  const recorder = new Recorder();
  recorder.begins(launchWith(declared));
  for (const step of steps) {
    if ('ask' in step) recorder.received(request(step.ask, step.rid, step.payload));
    else if ('event' in step) recorder.sent({ type: step.event, rid: step.rid ?? null, ...step.payload });
    else recorder.sent({ type: '…_RESULT', rid: step.reply, ok: step.error === undefined, ...step });
  }
  return recorder.recording();
}

/** A page that a replay answers, and what it hears, in order. */
function pageOf(recording: Recording, declared: Permission[] = ['notifications']) {
  const heard: unknown[] = [];
  const replay = new Replay(recording);
  replay.begins(launchWith(declared), (event) => heard.push(event));
  const ask = (type: string, payload: Record<string, unknown> = {}) =>
    new Promise<void>((resolve) => {
      const ended = (end: unknown) => {
        heard.push(end);
        resolve();
      };
      replay.answer(request(type, crypto.randomUUID(), payload), {
        event: (event) => heard.push(event),
        fulfil: ended,
        refuse: ({ code }) => ended(code),
      });
    });
  return { replay, heard, ask };
}

const note = (message: string, rid: string): Step => ({ ask: 'HANABI_NOTIFY', rid, payload: { message } });

test('a page that does the same hears the same, events included, and no more is found', async () => {
  const recording = await record([
    { ask: 'HANABI_READY', rid: '1' },
    { reply: '1', data: { id: 'm' } },
    { event: 'HANABI_DATA_CHANGED', payload: { collection: 'c', id: '1', version: 2 } },
    { ask: 'HANABI_CREATE_JOB', rid: '2' },
    { event: 'HANABI_JOB_PROGRESS', rid: '2', payload: { progressPct: 50 } },
    { reply: '2', error: { code: 'HANABI-W002', category: 'FAILED', message: 'it failed' } },
  ]);
  const { replay, heard, ask } = pageOf(recording, ['jobs.create']);
  expect(replay.state).toEqual({ kind: 'waiting', types: ['HANABI_READY'] });
  await ask('HANABI_READY');
  await ask('HANABI_CREATE_JOB');
  expect(replay.state).toEqual({ kind: 'same' });
  expect(heard).toEqual([
    { id: 'm' },
    { type: 'HANABI_DATA_CHANGED', collection: 'c', id: '1', version: 2 },
    { type: 'HANABI_JOB_PROGRESS', progressPct: 50 },
    'HANABI-W002',
  ]);
});

test('what a page sends between two messages of the host may come in any order', async () => {
  const recording = await record([
    note('a', '1'),
    note('b', '2'),
    { reply: '2', data: 'b' },
    { reply: '1', data: 'a' },
  ]);
  const { replay, heard, ask } = pageOf(recording);
  await Promise.all([ask('HANABI_NOTIFY', { message: 'b' }), ask('HANABI_NOTIFY', { message: 'a' })]);
  expect(replay.state).toEqual({ kind: 'same' });
  expect(heard).toEqual(['b', 'a']);
});

test('the first call that is another is the difference, and nothing is answered after it', async () => {
  const recording = await record([note('a', '1'), { reply: '1', data: 1 }, note('b', '2'), { reply: '2', data: 2 }]);
  const { replay, heard, ask } = pageOf(recording);
  await ask('HANABI_NOTIFY', { message: 'a' });
  await ask('HANABI_NOTIFY', { message: 'c' });
  await ask('HANABI_NOTIFY', { message: 'b' });
  expect(heard).toEqual([1, 'HANABI-M015', 'HANABI-M015']);
  expect(replay.came).toBe(1);
  expect(replay.state).toMatchObject({
    difference: { kind: 'other', recorded: expect.stringContaining('"b"'), now: expect.stringContaining('"c"') },
  });
});

test('a call too many, and one that never came', async () => {
  const recording = await record([note('a', '1'), { reply: '1', data: 1 }]);
  const more = pageOf(recording);
  await more.ask('HANABI_NOTIFY', { message: 'a' });
  await more.ask('HANABI_NOTIFY', { message: 'a' });
  expect(more.replay.state).toMatchObject({ difference: { kind: 'surplus' } });
  const less = pageOf(recording);
  less.replay.ended();
  expect(less.replay.state).toMatchObject({ difference: { kind: 'missing' } });
});

test('a manifest that lists more or less than it did is a difference, where it matters', async () => {
  const refusal = { code: 'HANABI-P001', category: 'PERMISSION_DENIED', message: 'x', permission: 'notifications' };
  const refused = await record([note('a', '1'), { reply: '1', error: refusal }], []);
  const more = pageOf(refused, ['notifications']);
  await more.ask('HANABI_NOTIFY', { message: 'a' });
  expect(more.replay.state).toMatchObject({
    difference: { kind: 'declared', permission: 'notifications', nowDeclared: true },
  });
  const same = pageOf(refused, ['data.store']);
  await same.ask('HANABI_NOTIFY', { message: 'a' });
  expect(same.replay.state).toEqual({ kind: 'same' });
  const allowed = await record([note('a', '1'), { reply: '1', data: 1 }]);
  const less = pageOf(allowed, []);
  await less.ask('HANABI_NOTIFY', { message: 'a' });
  expect(less.replay.state).toMatchObject({ difference: { kind: 'declared', nowDeclared: false } });
});

const bytes = (letters: string) => new TextEncoder().encode(letters).buffer;
const write = (letters: string) => ({ name: 'n', bytes: bytes(letters) });

test('contents come back as zeros, and what is made of them is not compared', async () => {
  const recording = await record([
    { ask: 'HANABI_WRITE_FILE', rid: '1', payload: write('abc') },
    { reply: '1', data: { file: {} } },
    { ask: 'HANABI_READ_FILE', rid: '2', payload: { fileId: 'f' } },
    { reply: '2', data: { bytes: bytes('secret') } },
    { ask: 'HANABI_WRITE_FILE', rid: '3', payload: write('made of it') },
    { reply: '3', data: { file: {} } },
  ]);
  const rights: Permission[] = ['files.read', 'files.write'];
  const { replay, heard, ask } = pageOf(recording, rights);
  await ask('HANABI_WRITE_FILE', write('abc'));
  await ask('HANABI_READ_FILE', { fileId: 'f' });
  expect(heard[1]).toEqual({ bytes: new ArrayBuffer(6) });
  await ask('HANABI_WRITE_FILE', write('made of zeros'));
  expect(replay.state).toEqual({ kind: 'same' });
  const other = pageOf(recording, rights);
  await other.ask('HANABI_WRITE_FILE', write('abd'));
  expect(other.replay.state).toMatchObject({ difference: { kind: 'other' } });
});

test('a recording without its beginning is not replayed', async () => {
  const recording = await record([note('a', '1')]);
  expect(() => new Replay({ ...recording, dropped: 1 })).toThrow(expect.objectContaining({ code: 'HANABI-M016' }));
});

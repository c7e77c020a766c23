import { type Launch, LIMITS, PROTOCOL_VERSION } from '@hanabi/protocol';
import { fireEvent, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { DebuggerModel } from '../src/debugger/debugger-model.svelte.ts';
import { Recorder } from '../src/debugger/recorder.svelte.ts';
import PassedList from '../src/debugger/passed-list.svelte';
import { Shell } from '../src/desktop/shell.svelte.ts';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

const launch = {
  declared: [],
  context: { id: 'm', name: 'M', version: '1.0.0', permissions: [] },
} as unknown as Launch;
const count = LIMITS.debugger_rows_max;

function filled(calls: number): Recorder {
  const recorder = new Recorder();
  recorder.begins(launch);
  for (let call = 1; call <= calls; call += 1) {
    const rid = String(call);
    recorder.received({ v: PROTOCOL_VERSION, type: 'HANABI_NOTIFY', rid, payload: { message: `number ${call}` } });
    if (call % 2 === 0) recorder.sent({ type: 'HANABI_NOTIFY_RESULT', rid, ok: true, data: { ok: true } });
  }
  return recorder;
}

test('of thousands of rows those in view are drawn, the keys reach all, and filters find', async () => {
  const shell = new Shell(new MemoryApi());
  const model = new DebuggerModel(shell);
  model.recorder = filled(count);
  await expect.poll(() => model.shown.length).toBe(count);
  const chosen: number[] = [];
  renderInShell(shell, PassedList, { model, onchoose: (seq: number) => chosen.push(seq) });
  const list = screen.getByRole('listbox');
  const drawn = () => list.querySelectorAll('[data-row]').length;
  expect(drawn()).toBeGreaterThan(5);
  expect(drawn()).toBeLessThan(60);
  const current = () => document.getElementById(list.getAttribute('aria-activedescendant')!);
  expect(current()?.getAttribute('aria-posinset')).toBe(String(count));
  await fireEvent.keyDown(list, { key: 'Home' });
  expect(current()?.getAttribute('aria-posinset')).toBe('1');
  await fireEvent.keyDown(list, { key: 'Enter' });
  expect(chosen).toEqual([1]);
  model.filter = { type: '', outcome: 'answered', text: '' };
  expect(model.shown).toHaveLength(count / 2);
  model.filter = { type: 'HANABI_NOTIFY', outcome: 'all', text: 'NUMBER 4321"' };
  await tick();
  expect(list.querySelectorAll('[data-row]')).toHaveLength(1);
});

test('what is kept is bounded; the oldest goes, and a pause holds the list still', async () => {
  const model = new DebuggerModel(new Shell(new MemoryApi()));
  const recorder = filled(count);
  model.recorder = recorder;
  await expect.poll(() => model.shown.length).toBe(count);
  model.pause();
  for (let call = 0; call < 10; call += 1) recorder.sent({ type: 'HANABI_DATA_CHANGED', rid: null, id: 'x' });
  await expect.poll(() => model.newer).toBe(10);
  expect(recorder.rows.length).toBeLessThanOrEqual(count);
  expect(recorder.dropped).toBeGreaterThan(0);
  expect((await recorder.recording()).dropped).toBe(recorder.dropped);
  const large = 'x'.repeat(LIMITS.debugger_message_bytes_max);
  for (let call = 0; call < 400; call += 1) recorder.sent({ type: 'HANABI_DATA_CHANGED', rid: null, id: large });
  expect(JSON.stringify(await recorder.recording()).length).toBeLessThan(LIMITS.debugger_recording_bytes_max);
});

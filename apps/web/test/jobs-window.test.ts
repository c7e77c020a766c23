import { fireEvent, screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import Jobs from '../src/jobs/jobs.svelte';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

test('a long list draws what is in view, and the keys reach all of it', async () => {
  const api = new MemoryApi();
  api.work = Array.from({ length: 500 }, (_, n) => ({
    id: `job-${n}`,
    state: 'completed',
    kind: 'task',
    module_id: 'm',
    module_name: 'M',
    queue_position: null,
    progress_pct: 100,
    options: {},
    inputs: [],
    log: '',
    outputs: [],
    error: null,
    schedule_id: null,
    attempts: 1,
    created_at: '2026-06-01T10:00:00.000Z',
    started_at: '2026-06-01T10:00:00.000Z',
    finished_at: '2026-06-01T10:00:01.000Z',
  }));
  renderInShell(new Shell(api), Jobs, {});
  const list = await screen.findByRole('listbox', { name: 'Jobs, the newest first' });
  const drawn = () => list.querySelectorAll('[data-job]').length;
  expect(drawn()).toBeGreaterThan(5);
  expect(drawn()).toBeLessThan(50);
  const current = () => document.getElementById(list.getAttribute('aria-activedescendant')!)?.dataset['job'];
  expect(current()).toBe('job-0');
  await fireEvent.keyDown(list, { key: 'End' });
  expect(current()).toBe('job-499');
  await fireEvent.keyDown(list, { key: 'PageUp' });
  expect(current()).not.toBe('job-499');
  await fireEvent.keyDown(list, { key: 'Home' });
  await fireEvent.keyDown(list, { key: 'Enter' });
  expect(await screen.findByText('1 s')).toBeTruthy();
  expect(drawn()).toBeLessThan(50);
});

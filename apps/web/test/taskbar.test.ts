import { screen } from '@testing-library/svelte';
import { beforeEach, expect, it } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import Taskbar from '../src/desktop/taskbar.svelte';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

let shell: Shell;
const focused = () => document.activeElement?.getAttribute('aria-label');

beforeEach(async () => {
  shell = new Shell(new MemoryApi());
  renderInShell(shell, Taskbar, { user: { id: 'ann', name: 'ann', role: 'user' } });
  shell.openTool('jobs');
  await screen.findByRole('button', { name: 'Jobs' });
});

it('takes the focus of a window that is put aside, when no other one comes to the front', async () => {
  const settings = shell.openTool('settings');
  await screen.findByRole('button', { name: 'Settings' });
  shell.windows.minimise(settings.id);
  await screen.findByRole('button', { name: 'Settings, minimised' });
  expect(shell.windows.active?.title).toBe('Jobs');
  shell.windows.minimise(shell.windows.activeId!);
  await expect.poll(focused).toBe('Jobs, minimised');
});

it('takes it on a desktop that has no windows', async () => {
  shell.windows.stepDesktop(1);
  await expect.poll(focused).toBe('Desktop 2 of 2');
});

it('leaves it to whatever else has it', async () => {
  const start = screen.getByRole('button', { name: 'Start' });
  start.focus();
  shell.windows.minimise(shell.windows.activeId!);
  await screen.findByRole('button', { name: 'Jobs, minimised' });
  expect(document.activeElement).toBe(start);
});

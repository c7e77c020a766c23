import { beforeEach, expect, it } from 'vitest';
import { keepOpenWindows, reopenWindows } from '../src/desktop/open-windows.ts';
import { Shell } from '../src/desktop/shell.svelte.ts';
import { MemoryApi, module } from './memory-api.ts';

const area = { width: 1200, height: 800 };

function newShell(): Shell {
  const api = new MemoryApi();
  api.installed = [module('thumbs', { name: 'Thumbnails' })];
  const shell = new Shell(api);
  shell.windows.setArea(area);
  return shell;
}

const looks = ({ windows: { windows, desktop, active } }: Shell) => ({
  desktop,
  active: active?.title,
  windows: windows.map(({ title, rect, zone, minimised, desktop: on }) => ({ title, rect, zone, minimised, on })),
});

/** Two desktops: on the first one the older window lies above, a little beyond the edge; the second one is seen. */
async function busyShell(): Promise<Shell> {
  const shell = newShell();
  await shell.loadModules();
  const settings = shell.openTool('settings');
  const jobs = shell.openTool('jobs');
  shell.windows.place(settings, { x: -200, y: 30, width: 500, height: 400 });
  shell.windows.settle(settings);
  shell.windows.snap(jobs.id, 'top-right');
  shell.windows.activate(settings.id);
  shell.windows.goToDesktop(1);
  shell.openModule(shell.modules[0]!, {});
  return shell;
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

it('puts everything back where it was, in the same order, and shows the same desktop', async () => {
  const before = await busyShell();
  keepOpenWindows('ann', before);
  const after = newShell();
  await reopenWindows('ann', after);
  expect(looks(after)).toEqual(looks(before));
  expect(after.windows.desktop).toBe(1);
  after.windows.goToDesktop(0);
  expect(after.windows.active?.title).toBe('Settings');
});

it('still has them for a page that is loaded once more before they are back', async () => {
  keepOpenWindows('ann', await busyShell());
  void reopenWindows('ann', newShell());
  const after = newShell();
  await reopenWindows('ann', after);
  expect(after.windows.windows).toHaveLength(3);
});

it('leaves the panel alone that was opened meanwhile', async () => {
  keepOpenWindows('ann', await busyShell());
  const after = newShell();
  after.togglePanel('start');
  await reopenWindows('ann', after);
  expect(after.windows.windows).toHaveLength(3);
  expect([after.windows.activeId, after.panel]).toEqual([null, 'start']);
});

it('gives them once, and to nobody else', async () => {
  for (const name of ['bob', 'ann']) {
    keepOpenWindows('ann', await busyShell());
    await reopenWindows(name, newShell());
    const later = newShell();
    await reopenWindows('ann', later);
    expect(later.windows.windows).toEqual([]);
  }
});

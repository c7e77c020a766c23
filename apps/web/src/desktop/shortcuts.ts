/** What the keys do that work anywhere in the shell, except while a module's frame has the keyboard. */
import { preferences } from '../settings/preferences.svelte.ts';
import type { Shell } from './shell.svelte.ts';
import { combinationPressed, type ShortcutName, shortcutFor } from './shortcut-keys.ts';

export function shellShortcuts(shell: Shell): (event: KeyboardEvent) => void {
  return (event) => {
    // A modal dialog stops its keys; what still arrives here while one is open came from outside of it.
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const name = pressed(event);
    if (!name) return;
    event.preventDefault();
    deeds[name](shell);
  };
}

function pressed(event: KeyboardEvent): ShortcutName | undefined {
  const { key, ctrlKey, altKey, metaKey } = event;
  // Whoever asks on the screen where the help is finds it, whatever else they have changed.
  if (key === '?' && !ctrlKey && !altKey && !metaKey) return isTextField(event.target) ? undefined : 'help';
  const combination = combinationPressed(event);
  return combination === null ? undefined : shortcutFor(combination, preferences.current.shortcuts);
}

const deeds: Readonly<Record<ShortcutName, (shell: Shell) => void>> = {
  start: (shell) => shell.togglePanel('start'),
  notices: (shell) => shell.togglePanel('notices'),
  next: ({ windows }) => windows.cycle(1),
  previous: ({ windows }) => windows.cycle(-1),
  close: ({ windows }) => windows.activeId !== null && windows.close(windows.activeId),
  windowMenu: ({ windows }) => document.querySelector<HTMLElement>(`#${windows.activeId} [data-window-menu]`)?.click(),
  taskbar: () => document.querySelector<HTMLElement>('[data-taskbar] button')?.focus(),
  snapLeft: ({ windows }) => windows.snapBy('left'),
  snapRight: ({ windows }) => windows.snapBy('right'),
  snapUp: ({ windows }) => windows.snapBy('up'),
  snapDown: ({ windows }) => windows.snapBy('down'),
  nextDesktop: ({ windows }) => windows.stepDesktop(1),
  previousDesktop: ({ windows }) => windows.stepDesktop(-1),
  help: (shell) => (shell.helpShown = true),
};

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

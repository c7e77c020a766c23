/** The keys that work anywhere in the shell, except while a module's frame has the keyboard. */
import type { Shell } from './shell.svelte.ts';

export function shellShortcuts(shell: Shell): (event: KeyboardEvent) => void {
  return (event) => {
    // A modal dialog stops its keys; what still arrives here while one is open came from outside of it.
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const act = action(shell, event);
    if (!act) return;
    event.preventDefault();
    act();
  };
}

function action(shell: Shell, event: KeyboardEvent): (() => void) | null {
  const { code, key, altKey, ctrlKey, shiftKey, metaKey } = event;
  const { windows } = shell;
  if (code === 'Space' && ctrlKey && !altKey) {
    return () => (shell.panel = shell.panel === 'start' ? null : 'start');
  }
  if (key === 'F6') return () => windows.cycle(shiftKey ? -1 : 1);
  if (key === 'F1') return () => (shell.helpShown = true);
  if (altKey && !ctrlKey && !metaKey) {
    const id = windows.activeId;
    if (code === 'KeyW' && id) return () => windows.close(id);
    if (code === 'KeyM' && id) return () => document.querySelector<HTMLElement>(`#${id} [data-window-menu]`)?.click();
    if (code === 'KeyT') return () => document.querySelector<HTMLElement>('[data-taskbar] button')?.focus();
  }
  if (key === '?' && !ctrlKey && !altKey && !metaKey && !isTextField(event.target)) {
    return () => (shell.helpShown = true);
  }
  return null;
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

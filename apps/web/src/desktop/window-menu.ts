import { t } from '../i18n/i18n.ts';
import type { MenuItem } from '../ui/menu-state.svelte.ts';
import { type DesktopWindow, desktops_max, type WindowManager } from './windows.svelte.ts';

/** What the window menu offers. `movable` is false where windows fill the screen anyway. */
export function windowMenu(
  windows: WindowManager,
  window: DesktopWindow,
  movable: boolean,
  acts: {
    /** Left out where the window need not be in sight. */
    startKeys?: (kind: 'move' | 'size') => void;
    /** Left out: it cannot be shown in a browser window of its own. */
    popOut?: (() => void) | undefined;
  },
): MenuItem[] {
  const { id, maximised, rules } = window;
  const items: MenuItem[] = [];
  if (movable && rules.resizable) {
    items.push({
      label: maximised ? t('window.restore') : t('window.maximise'),
      icon: maximised ? 'restore' : 'maximise',
      choose: () => windows.toggleMaximised(id),
    });
  }
  if (movable && rules.resizable) {
    items.push({ label: t('window.left'), choose: () => windows.snap(id, 'left') });
    items.push({ label: t('window.right'), choose: () => windows.snap(id, 'right') });
  }
  if (window.minimised) items.push({ label: t('window.show'), choose: () => windows.activate(id) });
  else items.push({ label: t('window.minimise'), icon: 'minimise', choose: () => windows.minimise(id) });
  const { startKeys } = acts;
  if (movable && startKeys) {
    items.push({ label: t('window.move'), disabled: maximised, separated: true, choose: () => startKeys('move') });
    if (rules.resizable) items.push({ label: t('window.size'), disabled: maximised, choose: () => startKeys('size') });
  }
  const { desktop } = window;
  for (const other of [desktop - 1, desktop + 1]) {
    if (other < 0 || other >= desktops_max) continue;
    const label = t('window.toDesktop', { number: other + 1 });
    items.push({ label, separated: other < desktop || desktop === 0, choose: () => windows.moveToDesktop(id, other) });
  }
  if (movable && acts.popOut) items.push({ label: t('window.popOut'), separated: true, choose: acts.popOut });
  items.push({ label: t('window.close'), icon: 'close', separated: true, choose: () => windows.close(id) });
  return items;
}

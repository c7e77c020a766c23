/**
 * A page can take the focus whenever it likes, and with it the keys that come next, those of a password among them. While
 * a question of the desktop stands, or a panel is open, nobody can click into a page: whichever has the focus then has
 * taken it. It is taken back at once, and a page that goes on taking it is ended.
 */
import { LIMITS } from '@hanabi/protocol';

const OF_DESKTOP = 'dialog:modal, [role="dialog"]:not([data-window])';

/** `onrepeated` is called once. Returns what ends the guard. */
export function guardFocus(frame: HTMLIFrameElement, onrepeated: () => void): () => void {
  const done = new AbortController();
  const { signal } = done;
  let before: HTMLElement | undefined;
  let taken = 0;

  function noteFocus({ target }: FocusEvent): void {
    if (target instanceof HTMLElement && target !== frame) before = target;
  }

  /** The desktop is told no more than that it has lost the focus. */
  function look(): void {
    // Of several dialogs the last one is on top.
    const standing = [...document.querySelectorAll<HTMLElement>(OF_DESKTOP)].at(-1);
    if (signal.aborted || !standing || document.activeElement !== frame) return;
    (before && standing.contains(before) ? before : standing).focus();
    taken += 1;
    if (taken <= LIMITS.bridge_focus_taken_max) return;
    done.abort();
    onrepeated();
  }

  document.addEventListener('focusin', noteFocus, { signal });
  // What has the focus instead is known only after this.
  addEventListener('blur', () => setTimeout(look), { signal });
  return () => done.abort();
}

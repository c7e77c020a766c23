/**
 * A button that goes away when it is pressed takes the focus along, and whoever works by keyboard stands at the beginning of
 * the page. Here its place keeps it: what was around it gets the focus, which an Enter that is still held does not press, and
 * from which Tab goes on where one was. Whatever gives the focus to something better comes later, and wins.
 */
const BOUNDARY = '[data-window], main, nav';

export function keepFocus(): () => void {
  /** What had the focus last, and what it stood in, from the inside out. */
  let path: HTMLElement[] = [];
  let disabled = false;

  const remember = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement) path = pathOf(target);
    disabled = false;
  };
  const mend = () => {
    const [lost, ...around] = path;
    if (!lost) return;
    const waited = disabled;
    disabled = lost.matches(':disabled');
    if (document.activeElement !== document.body) return;
    if (!lost.isConnected) give(around.find((element) => element.isConnected));
    // It only had to wait.
    else if (waited && !disabled) lost.focus({ preventScroll: true });
  };

  const observer = new MutationObserver(mend);
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
  document.addEventListener('focusin', remember);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', remember);
  };
}

/** A window that has closed gives the focus on by itself, so nothing around the window is asked. */
function pathOf(target: HTMLElement): HTMLElement[] {
  const path: HTMLElement[] = [];
  for (let element: HTMLElement | null = target; element; element = element.parentElement) {
    path.push(element);
    if (element !== target && element.matches(BOUNDARY)) break;
  }
  return path;
}

function give(element: HTMLElement | undefined): void {
  if (!element) return;
  if (!element.hasAttribute('tabindex')) {
    element.tabIndex = -1;
    element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true });
  }
  element.focus({ preventScroll: true });
}

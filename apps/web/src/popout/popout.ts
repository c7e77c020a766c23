/** The desktop's hold on a browser window that it opened for one module. */
import type { Area } from '../desktop/window-geometry.ts';
import { openWithWish, type PopoutWish } from './popout-wish.ts';

/** Browsers tell nobody that a window was closed. */
const look_ms = 500;

export interface Popout {
  focus: () => void;
  close: () => void;
}

/** `onclosed`: whoever closed it. It never outlives the page that opened it. Null: the browser does not allow it. */
export function openPopout(wish: PopoutWish, { width, height }: Area, onclosed: () => void): Popout | null {
  const opened = openWithWish(wish, `popup,width=${Math.round(width)},height=${Math.round(height)}`);
  if (!opened) return null;
  const close = () => opened.close();
  const timer = setInterval(() => {
    if (!opened.closed) return;
    clearInterval(timer);
    removeEventListener('pagehide', close);
    onclosed();
  }, look_ms);
  addEventListener('pagehide', close);
  return { focus: () => opened.focus(), close };
}

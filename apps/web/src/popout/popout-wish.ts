/**
 * What a browser window is to show that the desktop opens for one module. It is handed over in the storage of the tab, of
 * which a window that a page opens gets a copy, and not in the address: anybody can send a person an address, and opening
 * a file with a module grants it.
 */
const key = 'hanabi.popout';

export interface PopoutWish {
  /** Whose desktop it belongs to. */
  user_id: string;
  module_id: string;
  file_id?: string;
}

/** Of this tab; it stays when the page is loaded again. */
export function popoutWish(): PopoutWish | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as PopoutWish | null;
  } catch {
    return null;
  }
}

/** Opens a window that takes the wish along, or null where the browser lets none open. */
export function openWithWish(wish: PopoutWish, features: string): Window | null {
  try {
    sessionStorage.setItem(key, JSON.stringify(wish));
    return globalThis.open('/', '_blank', features);
  } catch {
    return null;
  } finally {
    sessionStorage.removeItem(key);
  }
}

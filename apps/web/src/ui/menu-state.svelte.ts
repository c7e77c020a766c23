/** The one popup menu of the desktop: what it shows, where, and where the focus goes when it closes. */
import type { ProgramIcon } from './program-icon.ts';
import type { IconName } from './icons.ts';

export interface MenuItem {
  label: string;
  icon?: IconName;
  picture?: ProgramIcon;
  /** Set on items of a group of which one holds. */
  checked?: boolean;
  /** The keys that do the same. */
  keys?: string;
  disabled?: boolean;
  /** A line above the item. */
  separated?: boolean;
  choose?: () => void;
  items?: MenuItem[];
}

export interface OpenMenu {
  label: string;
  items: MenuItem[];
  /** The corner it hangs from, in pixels of the page. */
  x: number;
  y: number;
}

export class MenuState {
  current = $state.raw<OpenMenu | null>(null);
  #returnFocus: HTMLElement | null = null;

  open(menu: OpenMenu): void {
    this.#returnFocus = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.current = menu;
  }

  /** Hangs the menu below a button, or above it where there is no room below. */
  openAt(anchor: Element, menu: Omit<OpenMenu, 'x' | 'y'>): void {
    const box = anchor.getBoundingClientRect();
    const above = box.top > globalThis.innerHeight / 2;
    this.open({ ...menu, x: box.left, y: above ? box.top - 4 : box.bottom + 4 });
  }

  /** The focus returns before the choice acts, so that what the choice opens returns it to the right place later. */
  close(): void {
    this.current = null;
    if (this.#returnFocus?.isConnected) this.#returnFocus.focus();
    this.#returnFocus = null;
  }
}

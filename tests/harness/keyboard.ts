/** A person without a mouse: everything goes through keys, and the focus is never lost on the way. */
import type { Locator, Page } from '@playwright/test';
import { expect } from './house.ts';

/** More stops than any window has. */
const stops_max = 120;

export class Keyboard {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Presses a key; afterwards something has the focus. */
  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    await expect.poll(() => this.#focused(), { message: `the focus after ${key}` }).not.toBe('BODY');
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Goes on with Tab until the element has the focus. Behind the last stop of the page is the browser’s own bar. */
  async tabTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await expect(target).toBeVisible();
    let left = 0;
    for (let stop = 0; stop < stops_max; stop += 1) {
      if (await isFocused(target)) return;
      await this.page.keyboard.press(key);
      if ((await this.#focused()) === 'BODY') left += 1;
      expect(left, `times that the focus left the page on the way to ${target.toString()}`).toBeLessThanOrEqual(1);
    }
    throw new Error(`${target.toString()} is not reached with ${key}`);
  }

  /** Goes to a button, a link or a switch and presses it. */
  async use(target: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
    await this.tabTo(target);
    await this.press(key);
  }

  /** Goes to a field and writes into it, in place of what stood there. */
  async fill(target: Locator, text: string): Promise<void> {
    await this.tabTo(target);
    await this.page.keyboard.press('Control+A');
    await this.type(text);
    await expect(target).toHaveValue(text);
  }

  /** Opens a program from the Start menu. */
  async start(program: string): Promise<Locator> {
    await this.press('Control+Space');
    await expect(this.page.getByRole('combobox', { name: 'Search programs' })).toBeFocused();
    await this.type(program);
    await expect(this.page.getByRole('option', { name: program, selected: true })).toBeVisible();
    await this.press('Enter');
    const window = this.page.getByRole('dialog', { name: new RegExp(program) });
    await expect(window).toBeVisible();
    return window;
  }

  #focused(): Promise<string> {
    return this.page.evaluate(() => document.activeElement?.tagName ?? 'BODY');
  }
}

const isFocused = (target: Locator) => target.evaluate((element) => element === element.ownerDocument.activeElement);

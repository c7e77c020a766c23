import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import MenuHost from '../src/ui/menu-host.svelte';
import { MenuState } from '../src/ui/menu-state.svelte.ts';

it('keeps the focus when the finger is lifted that opened it, and closes when another comes down beside it', async () => {
  const menus = new MenuState();
  const { container } = render(MenuHost, { menus });
  menus.open({ label: 'Menu', items: [{ label: 'Open', choose: () => undefined }], x: 10, y: 10 });
  const item = await screen.findByRole('menuitem', { name: 'Open' });
  await expect.poll(() => document.activeElement).toBe(item);
  const sheet = container.querySelector('[role="presentation"]')!;
  // Whether the browser may do what it does by itself, which is to move the focus.
  expect(await fireEvent.mouseDown(sheet)).toBe(false);
  await fireEvent.pointerDown(sheet);
  expect(screen.queryByRole('menu')).toBeNull();
});

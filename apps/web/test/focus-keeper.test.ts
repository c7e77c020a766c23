import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepFocus } from '../src/ui/focus-keeper.ts';

let stop: () => void;
beforeEach(() => {
  document.body.innerHTML = `
    <section data-window><div id="row"><button id="gone">Cancel</button></div><button id="other">Close</button></section>`;
  stop = keepFocus();
});
afterEach(() => stop());

const element = (id: string) => document.querySelector<HTMLElement>(`#${id}`)!;
const focused = () => document.activeElement;

it('gives the focus of what goes away to what it stood in, for as long as it stays there', async () => {
  element('gone').focus();
  element('gone').remove();
  await vi.waitFor(() => expect(focused()).toBe(element('row')));
  element('other').focus();
  expect(element('row').hasAttribute('tabindex')).toBe(false);
});

it('leaves what a window does with the focus when it closes', async () => {
  element('gone').focus();
  document.querySelector('section')!.remove();
  document.body.append(document.createElement('p'));
  await new Promise((resolve) => {
    new MutationObserver(resolve).observe(document.body, { childList: true });
    document.body.append(document.createElement('p'));
  });
  expect(focused()).toBe(document.body);
});

it('gives a button that had to wait its focus back', async () => {
  const button = element('gone') as HTMLButtonElement;
  button.focus();
  button.disabled = true;
  button.blur();
  await new Promise((resolve) => setTimeout(resolve));
  button.disabled = false;
  await vi.waitFor(() => expect(focused()).toBe(button));
});

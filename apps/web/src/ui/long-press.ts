/** A long press of a finger, for platforms that send no contextmenu event for it. */
import type { Attachment } from 'svelte/attachments';

const press_ms = 500;
const tolerance_px = 10;

export function longPress(onpress: (x: number, y: number, target: Element) => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let start = { x: 0, y: 0 };

    const cancel = () => clearTimeout(timer);
    const down = (event: PointerEvent) => {
      element.removeEventListener('click', swallow, { capture: true });
      cancel();
      if (event.pointerType !== 'touch' || !(event.target instanceof Element)) return;
      const { clientX, clientY, target } = event;
      start = { x: clientX, y: clientY };
      timer = setTimeout(() => {
        // The click that ends the press must not open what was pressed.
        element.addEventListener('click', swallow, { capture: true, once: true });
        onpress(clientX, clientY, target);
      }, press_ms);
    };
    const move = (event: PointerEvent) => {
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > tolerance_px) cancel();
    };

    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    for (const type of ['pointerup', 'pointercancel', 'contextmenu'] as const) element.addEventListener(type, cancel);
    return () => {
      cancel();
      element.removeEventListener('click', swallow, { capture: true });
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      for (const type of ['pointerup', 'pointercancel', 'contextmenu'] as const) {
        element.removeEventListener(type, cancel);
      }
    };
  };
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

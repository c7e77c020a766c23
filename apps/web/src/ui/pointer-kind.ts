/** Whether a click came from a finger: it opens at once what a mouse opens with two clicks. */
export function isTouch(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === 'touch';
}

/** Whether a hand moves the mouse. What appears under a pointer at rest gets events too, and they mean nothing. */
export function isMouseMoving(event: PointerEvent): boolean {
  return event.pointerType === 'mouse' && (event.movementX !== 0 || event.movementY !== 0);
}

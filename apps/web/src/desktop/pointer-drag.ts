/** A drag with the pointer: captured, told once a frame, ended by whatever ends it. */
export interface DragHandlers {
  onmove: (dx: number, dy: number) => void;
  /** `taken`: by the system, for a gesture of its own; the drag ends without a drop. */
  onend: (taken: boolean) => void;
}

export function followPointer(down: PointerEvent, { onmove, onend }: DragHandlers): void {
  const target = down.currentTarget as HTMLElement;
  const { pointerId, clientX, clientY } = down;
  let latest = { x: clientX, y: clientY };
  let frame = 0;

  const tell = () => {
    frame = 0;
    onmove(latest.x - clientX, latest.y - clientY);
  };
  const move = (event: PointerEvent) => {
    if (event.pointerId !== pointerId) return;
    latest = { x: event.clientX, y: event.clientY };
    if (frame === 0) frame = requestAnimationFrame(tell);
  };
  const end = (event: PointerEvent) => {
    if (event.pointerId !== pointerId) return;
    target.removeEventListener('pointermove', move);
    target.removeEventListener('pointerup', end);
    target.removeEventListener('pointercancel', end);
    target.removeEventListener('lostpointercapture', end);
    if (frame !== 0) {
      cancelAnimationFrame(frame);
      tell();
    }
    onend(event.type === 'pointercancel');
  };

  target.setPointerCapture(pointerId);
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
  target.addEventListener('lostpointercapture', end);
}

/** A window moved or sized by the arrow keys, as its menu offers it: Enter or Tab keeps what they did, Escape takes it back. */
import { type Rect, resize } from './window-geometry.ts';
import type { DesktopWindow, WindowManager } from './windows.svelte.ts';

const steps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const step_px = { far: 24, fine: 2 };

export class WindowArrows {
  readonly #windows: WindowManager;
  readonly #window: DesktopWindow;
  doing = $state<'move' | 'size' | null>(null);
  #before: Rect | null = null;

  constructor(windows: WindowManager, window: DesktopWindow) {
    this.#windows = windows;
    this.#window = window;
  }

  begin(kind: 'move' | 'size'): void {
    this.doing = kind;
    this.#before = this.#windows.shown(this.#window);
  }

  readonly onkeydown = (event: KeyboardEvent): void => {
    if (this.doing === null) return;
    const step = steps[event.key];
    if (step) this.#go(step, event.shiftKey ? step_px.fine : step_px.far);
    else if (event.key === 'Escape') this.#end(() => this.#windows.place(this.#window, this.#before!));
    else if (event.key === 'Enter' || event.key === 'Tab') this.#end(() => this.#windows.settle(this.#window));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #go([right, down]: [number, number], distance_px: number): void {
    const [dx, dy] = [right * distance_px, down * distance_px];
    const rect = this.#windows.shown(this.#window);
    const moved = { ...rect, x: rect.x + dx, y: rect.y + dy };
    const place = this.doing === 'move' ? moved : resize(rect, 'se', dx, dy, this.#window.rules);
    this.#window.zone = null;
    this.#windows.place(this.#window, place);
  }

  #end(how: () => void): void {
    how();
    this.doing = null;
  }
}

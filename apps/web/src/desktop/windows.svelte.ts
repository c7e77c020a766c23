/** The windows of the desktop: which are open, where they stand, which one is in front. */
import type { LaunchRequest, ModuleSummary } from '@hanabi/protocol';
import type { Place } from '../files/place.ts';
import { t } from '../i18n/i18n.ts';
import type { ProgramIcon } from '../ui/program-icon.ts';
import { readStored, writeStored } from '../ui/stored.ts';
import type { ToolId } from './tools.ts';
import {
  type Area,
  cascade,
  fitInside,
  keepReachable,
  placeNew,
  type Rect,
  type SizeRules,
} from './window-geometry.ts';

export type WindowContent =
  | { kind: 'explorer'; place: Place }
  | { kind: 'tool'; tool: ToolId }
  | { kind: 'module'; module: ModuleSummary; request: LaunchRequest };

export interface WindowSpec {
  /** Whose remembered place it takes. */
  app: string;
  title: string;
  icon: ProgramIcon;
  rules: SizeRules;
  content: WindowContent;
}

interface WindowPlace {
  rect: Rect;
  maximised: boolean;
}

export class DesktopWindow {
  readonly id: string;
  readonly app: string;
  readonly icon: ProgramIcon;
  readonly content: WindowContent;
  /** What had the focus when it was opened. */
  readonly opener: HTMLElement | null;
  title = $state('');
  rect = $state.raw<Rect>({ x: 0, y: 0, width: 0, height: 0 });
  rules = $state.raw<SizeRules>() as SizeRules;
  maximised = $state(false);
  minimised = $state(false);
  z = $state(0);
  /** Whether a person, now or in an earlier session, chose the place. */
  placed = false;

  constructor(id: string, spec: WindowSpec, opener: HTMLElement | null) {
    this.id = id;
    this.app = spec.app;
    this.icon = spec.icon;
    this.content = spec.content;
    this.title = spec.title;
    this.rules = spec.rules;
    this.opener = opener;
  }
}

export class WindowManager {
  /** In the order of opening, and never reordered: moving a module's frame in the page would reload it. */
  windows = $state.raw<readonly DesktopWindow[]>([]);
  area = $state.raw<Area>({ width: 1024, height: 700 });
  activeId = $state<string | null>(null);
  #opened = 0;
  #top = 0;

  active = $derived(this.windows.find((window) => window.id === this.activeId) ?? null);

  open(spec: WindowSpec): DesktopWindow {
    this.#opened += 1;
    const opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const window = new DesktopWindow(`window-${this.#opened}`, spec, opener);
    const remembered = readStored<WindowPlace | null>(`window.${spec.app}`, null, isPlace);
    const taken = this.windows.filter((other) => !other.minimised).map((other) => other.rect);
    if (remembered) {
      const { rect, maximised } = remembered;
      const size = spec.rules.resizable ? rect : { ...rect, ...defaultSize(spec.rules) };
      window.rect = cascade(this.area, fitInside(this.area, size), taken);
      window.maximised = maximised && spec.rules.resizable;
      window.placed = true;
    } else {
      window.rect = placeNew(this.area, defaultSize(spec.rules), taken);
    }
    this.windows = [...this.windows, window];
    this.activate(window.id);
    return window;
  }

  /** The size a module asks for becomes known when it has been launched; a place that a person chose stands. */
  applyRules(window: DesktopWindow, rules: SizeRules): void {
    window.rules = rules;
    if (!rules.resizable) window.maximised = false;
    if (window.placed && rules.resizable) return;
    const others = this.windows.filter((other) => other !== window && !other.minimised).map((other) => other.rect);
    const place = placeNew(this.area, defaultSize(rules), others);
    window.rect = window.placed ? { ...place, x: window.rect.x, y: window.rect.y } : place;
  }

  activate(id: string): void {
    const window = this.#find(id);
    if (!window) return;
    window.minimised = false;
    if (window.z !== this.#top || this.#top === 0) window.z = this.#top += 1;
    this.activeId = id;
  }

  /** The desktop itself has the focus. */
  deactivate(): void {
    this.activeId = null;
  }

  close(id: string): void {
    const window = this.#find(id);
    if (!window) return;
    this.#remember(window);
    this.windows = this.windows.filter((other) => other !== window);
    if (this.activeId === id) this.#activateTopmost();
  }

  minimise(id: string): void {
    const window = this.#find(id);
    if (!window) return;
    window.minimised = true;
    if (this.activeId === id) this.#activateTopmost();
  }

  toggleMaximised(id: string): void {
    const window = this.#find(id);
    if (!window?.rules.resizable) return;
    window.maximised = !window.maximised;
    this.activate(id);
    this.#remember(window);
  }

  /** A name for it, or for what it shows, that no other window with its title has: the later ones have numbers. */
  nameOf(id: string, name?: string): string {
    const title = this.#find(id)?.title ?? '';
    const twins = this.windows.filter((other) => other.title === title);
    const number = twins.findIndex((other) => other.id === id) + 1;
    const own = name ?? title;
    return number > 1 ? t('window.numbered', { name: own, number }) : own;
  }

  /** While a drag goes on; `settle` ends it. */
  place(window: DesktopWindow, rect: Rect): void {
    window.rect = keepReachable(this.area, rect);
  }

  settle(window: DesktopWindow): void {
    window.placed = true;
    this.#remember(window);
  }

  /** What a click on its button in the taskbar does. */
  toggle(id: string): void {
    if (this.activeId === id) this.minimise(id);
    else this.activate(id);
  }

  /** Goes round the windows in the order of their opening; minimised ones come up. */
  cycle(step: 1 | -1): void {
    const count = this.windows.length;
    if (count === 0) return;
    const current = this.windows.findIndex((window) => window.id === this.activeId);
    const next = current < 0 ? (step > 0 ? 0 : count - 1) : (current + step + count) % count;
    this.activate(this.windows[next]!.id);
  }

  /** The page changed its size. */
  setArea(area: Area): void {
    if (area.width === 0 || area.height === 0) return;
    this.area = area;
    for (const window of this.windows) window.rect = keepReachable(area, window.rect);
  }

  #find(id: string): DesktopWindow | undefined {
    return this.windows.find((window) => window.id === id);
  }

  #activateTopmost(): void {
    const shown = this.windows.filter((window) => !window.minimised);
    const top = shown.reduce<DesktopWindow | null>(
      (best, window) => (!best || window.z > best.z ? window : best),
      null,
    );
    if (top) this.activate(top.id);
    else this.activeId = null;
  }

  #remember(window: DesktopWindow): void {
    if (window.placed || window.maximised) {
      writeStored(`window.${window.app}`, { rect: window.rect, maximised: window.maximised } satisfies WindowPlace);
    }
  }
}

function defaultSize(rules: SizeRules): Area {
  return { width: rules.default_width, height: rules.default_height };
}

function isPlace(value: unknown): value is WindowPlace {
  if (typeof value !== 'object' || value === null) return false;
  const { rect, maximised } = value as Partial<WindowPlace>;
  const numbers = [rect?.x, rect?.y, rect?.width, rect?.height];
  return typeof maximised === 'boolean' && numbers.every((number) => Number.isFinite(number));
}

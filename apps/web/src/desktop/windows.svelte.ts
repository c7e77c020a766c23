/** The windows of the desktop: which are open, where they stand, which one is in front. */
import type { LaunchRequest, ModuleSummary } from '@hanabi/protocol';
import type { BridgeTap } from '../bridge/bridge-tap.ts';
import type { Popout } from '../popout/popout.ts';
import type { Place } from '../files/place.ts';
import { t } from '../i18n/i18n.ts';
import type { ProgramIcon } from '../ui/program-icon.ts';
import { readStored, writeStored } from '../ui/stored.ts';
import { type Direction, stepFrom, type Zone, ZONES, zoneRect } from './snap-zones.ts';
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
  | { kind: 'module'; module: ModuleSummary; request: LaunchRequest; tap?: BridgeTap };

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
  zone: Zone | null;
}

/** Where a window stands, whether it is seen, and what it lies above. */
type Standing = Pick<DesktopWindow, 'rect' | 'zone' | 'minimised' | 'desktop' | 'z'>;

/** So many desktops a person can go to. */
export const desktops_max = 9;

export class DesktopWindow {
  readonly id: string;
  readonly app: string;
  readonly icon: ProgramIcon;
  readonly content: WindowContent;
  /** What had the focus when it was opened. */
  readonly opener: HTMLElement | null;
  title = $state('');
  /** Where it stands by itself; kept while it fills a zone. */
  rect = $state.raw<Rect>({ x: 0, y: 0, width: 0, height: 0 });
  zone = $state<Zone | null>(null);
  /** Which of the desktops it is on, from 0. */
  desktop = $state(0);
  rules = $state.raw<SizeRules>() as SizeRules;
  minimised = $state(false);
  /** The browser window that shows its module meanwhile. */
  popout = $state.raw<Popout | null>(null);
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

  get maximised(): boolean {
    return this.zone === 'full';
  }
}

export class WindowManager {
  /** In the order of opening, and never reordered: moving a module's frame in the page would reload it. */
  windows = $state.raw<readonly DesktopWindow[]>([]);
  area = $state.raw<Area>({ width: 1024, height: 700 });
  activeId = $state<string | null>(null);
  /** The desktop that is seen, from 0. */
  desktop = $state(0);
  /** Where the window that is being dragged would go. */
  preview = $state<Zone | null>(null);
  #opened = 0;
  #top = 0;

  active = $derived(this.windows.find((window) => window.id === this.activeId) ?? null);
  /** Those of the desktop that is seen. */
  here = $derived(this.windows.filter((window) => window.desktop === this.desktop));
  shownHere = $derived(this.here.filter((window) => !window.minimised));
  /** The one that covers the others, whether or not it is active. */
  topmost = $derived(
    this.shownHere.reduce<DesktopWindow | null>((top, window) => (top && top.z > window.z ? top : window), null),
  );
  /** How many desktops there are: as far as windows stand, or the person has gone. */
  desktops = $derived(Math.max(this.desktop, ...this.windows.map((window) => window.desktop)) + 1);

  open(spec: WindowSpec): DesktopWindow {
    this.#opened += 1;
    const opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const window = new DesktopWindow(`window-${this.#opened}`, spec, opener);
    const remembered = readStored<WindowPlace | null>(`window.${spec.app}`, null, isPlace);
    window.desktop = this.desktop;
    const taken = this.shownHere.map((other) => other.rect);
    if (remembered) {
      const { rect, zone } = remembered;
      const size = spec.rules.resizable ? rect : { ...rect, ...defaultSize(spec.rules) };
      window.rect = cascade(this.area, fitInside(this.area, size), taken);
      window.zone = spec.rules.resizable ? zone : null;
      window.placed = true;
    } else {
      window.rect = placeNew(this.area, defaultSize(spec.rules), taken);
    }
    this.windows = [...this.windows, window];
    this.activate(window.id);
    return window;
  }

  /** As they stood before the page was loaded again, and the desktop that was seen. */
  putBack(stood: readonly (readonly [DesktopWindow, Standing])[], desktop: number): void {
    for (const [window, standing] of stood.toSorted(([, one], [, other]) => one.z - other.z)) {
      window.rect = keepReachable(this.area, standing.rect);
      window.zone = window.rules.resizable ? standing.zone : null;
      window.placed = true;
      window.desktop = reachable(standing.desktop);
      window.minimised = standing.minimised;
      window.z = this.#top += 1;
    }
    this.goToDesktop(reachable(desktop));
  }

  /** The size a module asks for becomes known when it has been launched; a place that a person chose stands. */
  applyRules(window: DesktopWindow, rules: SizeRules): void {
    window.rules = rules;
    if (!rules.resizable) window.zone = null;
    if (window.placed && rules.resizable) return;
    const others = this.windows.filter((other) => other !== window && !other.minimised).map((other) => other.rect);
    const place = placeNew(this.area, defaultSize(rules), others);
    window.rect = window.placed ? { ...place, x: window.rect.x, y: window.rect.y } : place;
  }

  activate(id: string): void {
    const window = this.#find(id);
    if (!window) return;
    window.minimised = false;
    this.desktop = window.desktop;
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
    this.snap(id, this.#find(id)?.maximised ? null : 'full');
  }

  /** Fills a part of the desktop; null: it stands by itself again. */
  snap(id: string, zone: Zone | null): void {
    const window = this.#find(id);
    if (!window?.rules.resizable) return;
    window.zone = zone;
    this.activate(id);
    this.#remember(window);
  }

  /** What the keys do with the window in front. */
  snapBy(direction: Direction): void {
    const { active } = this;
    if (!active) return;
    const standing = stepFrom(active.zone, direction);
    if (standing === 'minimised') this.minimise(active.id);
    else this.snap(active.id, standing === 'free' ? null : standing);
  }

  /** Where it is drawn. */
  shown({ zone, rect }: DesktopWindow): Rect {
    return zone ? zoneRect(this.area, zone) : rect;
  }

  isShown(window: DesktopWindow): boolean {
    return !window.minimised && window.desktop === this.desktop;
  }

  goToDesktop(desktop: number): void {
    this.desktop = desktop;
    this.#activateTopmost();
  }

  /** The next one, or the one before; beyond the last one that has windows lies an empty one. */
  stepDesktop(step: 1 | -1): void {
    const next = this.desktop + step;
    const last = this.here.length > 0 ? this.desktops : this.desktops - 1;
    if (next >= 0 && next <= Math.min(last, desktops_max - 1)) this.goToDesktop(next);
  }

  /** Takes the window along. */
  moveToDesktop(id: string, desktop: number): void {
    const window = this.#find(id);
    if (!window) return;
    window.desktop = reachable(desktop);
    this.activate(id);
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

  /** Lays two windows next to each other, as far as no person has chosen their places and there is room. */
  sideBySide(left: DesktopWindow, right: DesktopWindow): void {
    if (this.area.width < left.rules.min_width + right.rules.min_width) return;
    for (const window of [left, right]) {
      if (!window.placed && !window.zone) this.snap(window.id, window === left ? 'left' : 'right');
    }
  }

  /** What a click on its button in the taskbar does. */
  toggle(id: string): void {
    if (this.activeId === id) this.minimise(id);
    else this.activate(id);
  }

  /** Goes round the windows in the order of their opening; minimised ones come up. */
  cycle(step: 1 | -1): void {
    const { here } = this;
    const count = here.length;
    if (count === 0) return;
    const current = here.findIndex((window) => window.id === this.activeId);
    const next = current < 0 ? (step > 0 ? 0 : count - 1) : (current + step + count) % count;
    this.activate(here[next]!.id);
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
    const { topmost } = this;
    if (topmost) this.activate(topmost.id);
    else this.activeId = null;
  }

  #remember(window: DesktopWindow): void {
    if (window.placed || window.zone) {
      writeStored(`window.${window.app}`, { rect: window.rect, zone: window.zone } satisfies WindowPlace);
    }
  }
}

/** One of the desktops that there are. */
function reachable(desktop: number): number {
  return Math.min(Math.max(desktop, 0), desktops_max - 1);
}

function defaultSize(rules: SizeRules): Area {
  return { width: rules.default_width, height: rules.default_height };
}

function isPlace(value: unknown): value is WindowPlace {
  if (typeof value !== 'object' || value === null) return false;
  const { rect, zone } = value as Partial<WindowPlace>;
  const numbers = [rect?.x, rect?.y, rect?.width, rect?.height];
  return (zone === null || ZONES.includes(zone!)) && numbers.every((number) => Number.isFinite(number));
}

/** Where windows may stand. Pure arithmetic in pixels of the area above the taskbar. */

export interface Area {
  width: number;
  height: number;
}

export interface Rect extends Area {
  x: number;
  y: number;
}

export interface SizeRules {
  default_width: number;
  default_height: number;
  min_width: number;
  min_height: number;
  resizable: boolean;
}

/** Which sides a drag moves: any of "n", "s" with any of "e", "w". */
export type Edge = 'n' | 's' | 'e' | 'w' | 'ne' | 'nw' | 'se' | 'sw';
export const EDGES: readonly Edge[] = ['n', 's', 'e', 'w', 'ne', 'nw', 'se', 'sw'];

const title_height_px = 40;
const grip_px = 96;
const margin_px = 12;
const cascade_px = 32;

/** A window of the wanted size, no larger than the area, in the middle; a little lower for each one it would hide. */
export function placeNew(area: Area, size: Area, taken: readonly Rect[]): Rect {
  const width = Math.min(size.width, Math.max(240, area.width - 2 * margin_px));
  const height = Math.min(size.height, Math.max(160, area.height - 2 * margin_px));
  const start = { x: Math.round((area.width - width) / 2), y: Math.round((area.height - height) * 0.4) };
  return cascade(area, { ...start, width, height }, taken);
}

/** Moves a window down and to the right until it hides no title bar, and begins at the corner when it runs out of room. */
export function cascade(area: Area, rect: Rect, taken: readonly Rect[]): Rect {
  let { x, y } = rect;
  for (let tries = 0; tries < taken.length; tries += 1) {
    if (!taken.some((other) => Math.abs(other.x - x) < cascade_px / 2 && Math.abs(other.y - y) < cascade_px / 2)) break;
    x += cascade_px;
    y += cascade_px;
    if (y + rect.height > area.height) y = margin_px;
    if (x + rect.width > area.width) x = margin_px;
  }
  return keepReachable(area, { ...rect, x, y });
}

/** The same window, moved so that its title bar can always be taken hold of. */
export function keepReachable(area: Area, rect: Rect): Rect {
  const x = Math.min(Math.max(rect.x, grip_px - rect.width), Math.max(0, area.width - grip_px));
  const y = Math.min(Math.max(rect.y, 0), Math.max(0, area.height - title_height_px));
  return { ...rect, x, y };
}

/** A remembered window in an area that may have become smaller. */
export function fitInside(area: Area, rect: Rect): Rect {
  const width = Math.min(rect.width, area.width);
  const height = Math.min(rect.height, area.height);
  const x = Math.min(Math.max(rect.x, 0), area.width - width);
  const y = Math.min(Math.max(rect.y, 0), area.height - height);
  return { x, y, width, height };
}

/** The window after its edge was dragged by (dx, dy): never below its least size, the opposite edge stays. */
export function resize(rect: Rect, edge: Edge, dx: number, dy: number, rules: SizeRules): Rect {
  let { x, y, width, height } = rect;
  if (edge.includes('e')) width = Math.max(rules.min_width, width + dx);
  if (edge.includes('s')) height = Math.max(rules.min_height, height + dy);
  if (edge.includes('w')) {
    width = Math.max(rules.min_width, width - dx);
    x = rect.x + rect.width - width;
  }
  if (edge.includes('n')) {
    // The title bar stays inside the area, so the top edge stops at its border.
    const room = rect.y + rect.height;
    height = Math.min(room, Math.max(rules.min_height, height - dy));
    y = room - height;
  }
  return { x, y, width, height };
}

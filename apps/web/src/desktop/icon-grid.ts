/** Where the icons of the desktop stand: cells of a grid, counted from the upper left corner. */
import type { IconPlace } from '@hanabi/protocol';

export interface Grid {
  columns: number;
  rows: number;
  /** Whether icons keep to whole cells. */
  aligned: boolean;
}

type Places = ReadonlyMap<string, IconPlace>;
export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

const steps: Readonly<Record<Direction, IconPlace>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export const isDirection = (key: string): key is Direction => Object.hasOwn(steps, key);

/**
 * The place of each icon: the kept one, brought inside this screen and off what stands there already, or the next free cell
 * of the columns. What finds no cell any more stands in rows below the grid, to which one can scroll.
 */
export function placeIcons(ids: readonly string[], kept: Readonly<Record<string, IconPlace>>, grid: Grid): Places {
  const places = new Map<string, IconPlace>();
  for (const id of ids) {
    const wish = Object.hasOwn(kept, id) ? kept[id] : undefined;
    if (wish) places.set(id, freePlace(wish, places, grid));
  }
  for (const id of ids) if (!places.has(id)) places.set(id, nextCell(places, grid));
  return places;
}

/** The place that is meant, or the free cell nearest to it. */
export function freePlace(wish: IconPlace, taken: Places, grid: Grid): IconPlace {
  const place = inside(wish, grid);
  // Freely placed icons may overlap, but none may hide another.
  const hidden = [...taken.values()].some((other) => distance(other, place) < 0.5);
  if (!hidden) return place;
  const free = cellsOf(grid).filter((cell) => isFree(cell, taken));
  const away = ({ x, y }: IconPlace) => Math.hypot(x - place.x, y - place.y);
  return free.toSorted((a, b) => away(a) - away(b))[0] ?? nextCell(taken, grid);
}

/** Where a key moves an icon: the next free place in its direction, or null where there is none. */
export function stepFrom(place: IconPlace, direction: Direction, taken: Places, grid: Grid): IconPlace | null {
  const step = steps[direction];
  for (let next = place; ; ) {
    const further = { x: next.x + step.x, y: next.y + step.y };
    const reached = inside(further, grid);
    if (distance(reached, next) === 0) return null;
    next = reached;
    if ([...taken.values()].every((other) => distance(other, reached) >= 0.5)) return reached;
  }
}

/** The icon that an arrow key leads to: the nearest one in that direction, where what stands aside counts as further away. */
export function neighbour(id: string, direction: Direction, places: Places): string | null {
  const from = places.get(id);
  if (!from) return null;
  const { x, y } = steps[direction];
  let nearest: { id: string; far: number } | null = null;
  for (const [other, place] of places) {
    const ahead = (place.x - from.x) * x + (place.y - from.y) * y;
    const aside = Math.abs((place.x - from.x) * y) + Math.abs((place.y - from.y) * x);
    if (ahead < 0.5) continue;
    const far = ahead + 2 * aside;
    if (!nearest || far < nearest.far) nearest = { id: other, far };
  }
  return nearest?.id ?? null;
}

function inside({ x, y }: IconPlace, { columns, rows, aligned }: Grid): IconPlace {
  const whole = (value: number) => (aligned ? Math.round(value) : value);
  return {
    x: Math.min(columns - 1, Math.max(0, whole(x))),
    y: Math.min(rows - 1, Math.max(0, whole(y))),
  };
}

function nextCell(taken: Places, grid: Grid): IconPlace {
  const free = cellsOf(grid).find((cell) => isFree(cell, taken));
  if (free) return free;
  for (let index = 0; ; index += 1) {
    const below = { x: index % grid.columns, y: grid.rows + Math.floor(index / grid.columns) };
    if (isFree(below, taken)) return below;
  }
}

/** Column by column, as icons flow. */
function cellsOf({ columns, rows }: Grid): IconPlace[] {
  return Array.from({ length: columns * rows }, (_, index) => ({ x: Math.floor(index / rows), y: index % rows }));
}

function isFree(cell: IconPlace, taken: Places): boolean {
  return [...taken.values()].every((other) => distance(other, cell) >= 1);
}

/** In cells, along the axis on which they are further apart: below 1 two icons touch. */
function distance(a: IconPlace, b: IconPlace): number {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
}

/** The parts of the desktop that a window can fill: all of it, a half or a quarter. */
import type { Area, Rect } from './window-geometry.ts';

export const ZONES = ['full', 'left', 'right', 'top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;
export type Zone = (typeof ZONES)[number];
export type Direction = 'left' | 'right' | 'up' | 'down';

/** How near to an edge a drag has to end. A finger is not as exact as a mouse, and the last pixels belong to the system. */
const edge_px = { mouse: 14, touch: 32 };

/** Halves of an odd number of pixels differ by one, so that neighbours meet. */
export function zoneRect(area: Area, zone: Zone): Rect {
  const halfWidth = Math.round(area.width / 2);
  const halfHeight = Math.round(area.height / 2);
  const wide = zone === 'full';
  const high = wide || zone === 'left' || zone === 'right';
  const atRight = zone.endsWith('right');
  const atBottom = zone.startsWith('bottom');
  return {
    x: atRight ? halfWidth : 0,
    y: atBottom ? halfHeight : 0,
    width: wide ? area.width : atRight ? area.width - halfWidth : halfWidth,
    height: high ? area.height : atBottom ? area.height - halfHeight : halfHeight,
  };
}

/** Where a window goes whose drag ends at this point: at an edge a half or all, towards a corner a quarter. */
export function zoneAt(area: Area, x: number, y: number, by: 'mouse' | 'touch' = 'mouse'): Zone | null {
  const near_px = edge_px[by];
  const side = x < near_px ? 'left' : x >= area.width - near_px ? 'right' : null;
  if (!side) return y < near_px ? 'full' : null;
  if (y < area.height / 5) return `top-${side}`;
  return y >= (area.height * 4) / 5 ? `bottom-${side}` : side;
}

type Standing = Zone | 'free' | 'minimised';

/** What the keys make of a window, by where it stands. What is not named stays. */
const STEPS: Readonly<Record<Direction, Partial<Record<Zone | 'free', Standing>>>> = {
  left: {
    free: 'left',
    full: 'left',
    right: 'free',
    'top-right': 'top-left',
    'bottom-right': 'bottom-left',
  },
  right: {
    free: 'right',
    full: 'right',
    left: 'free',
    'top-left': 'top-right',
    'bottom-left': 'bottom-right',
  },
  up: {
    free: 'full',
    left: 'top-left',
    right: 'top-right',
    'bottom-left': 'left',
    'bottom-right': 'right',
  },
  down: {
    full: 'free',
    free: 'minimised',
    left: 'bottom-left',
    right: 'bottom-right',
    'top-left': 'left',
    'top-right': 'right',
  },
};

export function stepFrom(zone: Zone | null, direction: Direction): Standing {
  const from = zone ?? 'free';
  return STEPS[direction][from] ?? from;
}

/** A window that is dragged out of its zone gets its own size back, with the pointer at the same part of its title bar. */
export function pulledOut(own: Rect, shown: Rect, pointer: { x: number; y: number }): Rect {
  const part = (pointer.x - shown.x) / shown.width;
  return { ...own, x: Math.round(pointer.x - own.width * part), y: shown.y };
}

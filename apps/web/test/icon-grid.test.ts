import { describe, expect, it } from 'vitest';
import { freePlace, type Grid, neighbour, placeIcons, stepFrom } from '../src/desktop/icon-grid.ts';

const grid: Grid = { columns: 4, rows: 3, aligned: true };
const free: Grid = { ...grid, aligned: false };
const at = (x: number, y: number) => ({ x, y });
const placesOf = (...places: ReturnType<typeof at>[]) =>
  new Map(places.map((place, index) => [String.fromCodePoint(97 + index), place]));

describe('places', () => {
  it('flow in columns around those that have a place of their own', () => {
    const places = placeIcons(['a', 'b', 'c', 'd'], { c: at(0, 1) }, grid);
    expect(Object.fromEntries(places)).toEqual({ a: at(0, 0), b: at(0, 2), c: at(0, 1), d: at(1, 0) });
  });

  it('of a larger screen are brought inside, and nobody hides another', () => {
    const places = placeIcons(['a', 'b'], { a: at(20, 9), b: at(17, 30) }, grid);
    expect(places.get('a')).toEqual(at(3, 2));
    expect(places.get('b')).not.toEqual(at(3, 2));
    for (const { x, y } of places.values()) expect(x <= 3 && y <= 2).toBe(true);
  });

  it('that do not fit are below the grid, each in its own', () => {
    const ids = Array.from({ length: 14 }, (_, index) => `i${index}`);
    const places = [...placeIcons(ids, {}, grid).values()];
    expect(places.slice(12)).toEqual([at(0, 3), at(1, 3)]);
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(14);
  });

  it('are whole cells where icons are aligned, and what the hand chose where they are not', () => {
    expect(freePlace(at(1.4, 0.6), new Map(), grid)).toEqual(at(1, 1));
    expect(freePlace(at(1.4, 0.6), new Map(), free)).toEqual(at(1.4, 0.6));
    expect(freePlace(at(1.1, 1.2), placesOf(at(1, 1)), free)).not.toEqual(at(1.1, 1.2));
  });
});

describe('keys', () => {
  it('move over what stands in the way, and stop at the edge', () => {
    expect(stepFrom(at(0, 0), 'ArrowRight', placesOf(at(1, 0)), grid)).toEqual(at(2, 0));
    expect(stepFrom(at(0, 0), 'ArrowLeft', new Map(), grid)).toBeNull();
    expect(stepFrom(at(2, 0), 'ArrowRight', placesOf(at(3, 0)), grid)).toBeNull();
  });

  it('lead to the nearest icon in their direction', () => {
    const places = placesOf(at(0, 0), at(0, 2), at(3, 0), at(2, 2));
    expect(neighbour('a', 'ArrowDown', places)).toBe('b');
    expect(neighbour('a', 'ArrowRight', places)).toBe('c');
    expect(neighbour('d', 'ArrowLeft', places)).toBe('b');
    expect(neighbour('a', 'ArrowUp', places)).toBeNull();
  });
});

import { assert, constant, integer, nat, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnIndexes, indexesWithin, scrollToShow, type Tiling, visibleSpan } from '../src/ui/windowing.ts';

const list: Tiling = { count: 10_000, columns: 1, row_px: 36, lead_px: 34, covered_px: 34 };
const tiles: Tiling = { count: 100, columns: 6, row_px: 146, lead_px: 10, covered_px: 0 };

describe('visibleSpan', () => {
  it('holds what is in view and a few rows more, whatever the length of the list', () => {
    expect(visibleSpan(list, 0, 600, 6)).toEqual({ first: 0, end: 22 });
    expect(visibleSpan(list, 180_000, 600, 6)).toEqual({ first: 4993, end: 5022 });
  });

  it('ends with the last entry of a shorter row', () => {
    expect(visibleSpan(tiles, 2000, 400, 1)).toEqual({ first: 72, end: 100 });
    expect(visibleSpan({ ...tiles, count: 0 }, 0, 400)).toEqual({ first: 0, end: 0 });
  });

  it('never leaves a visible entry out', () => {
    const tiling = record({
      count: integer({ min: 1, max: 5000 }),
      columns: integer({ min: 1, max: 12 }),
      row_px: integer({ min: 20, max: 200 }),
      lead_px: integer({ min: 0, max: 40 }),
      covered_px: constant(0),
    });
    assert(
      property(tiling, nat(1_000_000), integer({ min: 1, max: 2000 }), nat(), (shape, at, height, pick) => {
        const span = visibleSpan(shape, at, height, 0);
        const index = pick % shape.count;
        const top = shape.lead_px + Math.floor(index / shape.columns) * shape.row_px;
        const visible = top < at + height && top + shape.row_px > at;
        expect(!visible || (index >= span.first && index < span.end)).toBe(true);
        expect(span.end - span.first).toBeLessThanOrEqual((Math.ceil(height / shape.row_px) + 1) * shape.columns);
      }),
    );
  });
});

it('draws the entry with the focus too, in its order', () => {
  const span = { first: 10, end: 13 };
  expect(drawnIndexes(span, 2)).toEqual([2, 10, 11, 12]);
  expect(drawnIndexes(span, 11)).toEqual([10, 11, 12]);
  expect(drawnIndexes(span, 900)).toEqual([10, 11, 12, 900]);
  expect(drawnIndexes(span, -1)).toEqual([10, 11, 12]);
});

it('scrolls no further than needed, and never below a head', () => {
  expect(scrollToShow(list, 0, 500, 600)).toBe(0);
  expect(scrollToShow(list, 5, 0, 600)).toBe(0);
  expect(scrollToShow(list, 30, 0, 600)).toBe(34 + 31 * 36 - 600);
  expect(scrollToShow(list, 30, 5000, 600)).toBe(30 * 36);
});

it('finds what a box touches', () => {
  expect(indexesWithin(list, 800, { left: 5, right: 6, top: 30, bottom: 80 })).toEqual([0, 1, 2]);
  expect(indexesWithin(tiles, 600, { left: 110, right: 290, top: 10, bottom: 150 })).toEqual([1, 2, 7, 8]);
  expect(indexesWithin(tiles, 600, { left: 0, right: 600, top: 2000, bottom: 9000 })).toEqual(
    Array.from({ length: 22 }, (_, step) => 78 + step),
  );
});

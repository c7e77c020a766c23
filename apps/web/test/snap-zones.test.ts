import { expect, it } from 'vitest';
import { pulledOut, stepFrom, zoneAt, zoneRect } from '../src/desktop/snap-zones.ts';

const area = { width: 1201, height: 801 };

it('divides the desktop without a gap and without an overlap', () => {
  const [left, right] = [zoneRect(area, 'left'), zoneRect(area, 'right')];
  expect(left.width + right.width).toBe(area.width);
  expect(right.x).toBe(left.width);
  const quarters = (['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const).map((zone) =>
    zoneRect(area, zone),
  );
  const covered = quarters.reduce((sum, { width, height }) => sum + width * height, 0);
  expect(covered).toBe(area.width * area.height);
  expect(zoneRect(area, 'full')).toEqual({ x: 0, y: 0, ...area });
});

it('finds the zone that a drag is heading for', () => {
  expect(zoneAt(area, 600, 2)).toBe('full');
  expect(zoneAt(area, 2, 400)).toBe('left');
  expect(zoneAt(area, 1200, 400)).toBe('right');
  expect(zoneAt(area, 2, 20)).toBe('top-left');
  expect(zoneAt(area, 1200, 790)).toBe('bottom-right');
  expect(zoneAt(area, 600, 400)).toBeNull();
  expect(zoneAt(area, 600, 800)).toBeNull();
  expect(zoneAt(area, 25, 400)).toBeNull();
  expect(zoneAt(area, 25, 400, 'touch')).toBe('left');
});

it('goes from zone to zone by keys, and back', () => {
  expect(stepFrom(null, 'left')).toBe('left');
  expect(stepFrom('left', 'up')).toBe('top-left');
  expect(stepFrom('top-left', 'right')).toBe('top-right');
  expect(stepFrom('top-right', 'down')).toBe('right');
  expect(stepFrom('right', 'left')).toBe('free');
  expect(stepFrom(null, 'up')).toBe('full');
  expect(stepFrom('full', 'down')).toBe('free');
  expect(stepFrom(null, 'down')).toBe('minimised');
  expect(stepFrom('left', 'left')).toBe('left');
});

it('keeps the pointer on the title bar of a window that is pulled out', () => {
  const own = { x: 50, y: 60, width: 400, height: 300 };
  const shown = zoneRect(area, 'full');
  const pulled = pulledOut(own, shown, { x: 900, y: 10 });
  expect(pulled.width).toBe(400);
  expect((900 - pulled.x) / 400).toBeCloseTo(900 / 1201, 2);
  expect(pulled.y).toBe(0);
});

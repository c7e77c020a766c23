import { beforeEach, describe, expect, it } from 'vitest';
import { fitInside, keepReachable, placeNew, resize, type SizeRules } from '../src/desktop/window-geometry.ts';
import { WindowManager, type WindowSpec } from '../src/desktop/windows.svelte.ts';

const area = { width: 1200, height: 800 };
const rules: SizeRules = { default_width: 400, default_height: 300, min_width: 200, min_height: 150, resizable: true };
const spec = (app: string, own: Partial<SizeRules> = {}): WindowSpec => ({
  app,
  title: app,
  icon: { kind: 'explorer' },
  rules: { ...rules, ...own },
  content: { kind: 'explorer', place: { kind: 'trash' } },
});

describe('window geometry', () => {
  const rect = { x: 100, y: 100, width: 400, height: 300 };

  it('keeps the opposite edge where it is, also at the least size', () => {
    expect(resize(rect, 'w', 50, 0, rules)).toEqual({ x: 150, y: 100, width: 350, height: 300 });
    expect(resize(rect, 'nw', 1000, 1000, rules)).toEqual({ x: 300, y: 250, width: 200, height: 150 });
    expect(resize(rect, 'se', -1000, 20, rules)).toEqual({ x: 100, y: 100, width: 200, height: 320 });
  });

  it('never pulls a title bar above the area', () => {
    expect(resize(rect, 'n', 0, -500, rules)).toEqual({ x: 100, y: 0, width: 400, height: 400 });
    expect(keepReachable(area, { ...rect, y: -90 }).y).toBe(0);
  });

  it('keeps something of the title bar in reach on every side', () => {
    for (const [x, y] of [
      [-5000, 0],
      [5000, 5000],
    ] as const) {
      const kept = keepReachable(area, { ...rect, x, y });
      expect(kept.x + kept.width).toBeGreaterThanOrEqual(90);
      expect(kept.x).toBeLessThanOrEqual(area.width - 90);
      expect(kept.y).toBeLessThanOrEqual(area.height - 40);
    }
  });

  it('gives a new window a place where it hides no other title bar', () => {
    const first = placeNew(area, { width: 400, height: 300 }, []);
    const second = placeNew(area, { width: 400, height: 300 }, [first]);
    expect(second.x).toBeGreaterThan(first.x);
    expect(second.y).toBeGreaterThan(first.y);
  });

  it('shrinks what does not fit', () => {
    expect(placeNew({ width: 390, height: 700 }, { width: 800, height: 900 }, []).width).toBeLessThanOrEqual(390);
    expect(fitInside({ width: 300, height: 200 }, { x: 900, y: 900, width: 400, height: 300 })).toEqual({
      x: 0,
      y: 0,
      width: 300,
      height: 200,
    });
  });
});

describe('WindowManager', () => {
  let windows: WindowManager;
  beforeEach(() => {
    localStorage.clear();
    windows = new WindowManager();
    windows.setArea(area);
  });

  it('brings a window to the front without changing the order in the page', () => {
    const a = windows.open(spec('a'));
    const b = windows.open(spec('b'));
    expect(windows.activeId).toBe(b.id);
    windows.activate(a.id);
    expect(a.z).toBeGreaterThan(b.z);
    expect(windows.windows.map((window) => window.id)).toEqual([a.id, b.id]);
  });

  it('goes on with the window below when one is closed or minimised', () => {
    const a = windows.open(spec('a'));
    const b = windows.open(spec('b'));
    const c = windows.open(spec('c'));
    windows.close(c.id);
    expect(windows.activeId).toBe(b.id);
    windows.minimise(b.id);
    expect(windows.activeId).toBe(a.id);
    windows.toggle(b.id);
    expect([windows.activeId, b.minimised]).toEqual([b.id, false]);
    windows.close(b.id);
    windows.close(a.id);
    expect(windows.activeId).toBeNull();
  });

  it('cycles in both directions', () => {
    const [a, b] = [windows.open(spec('a')), windows.open(spec('b'))];
    windows.cycle(1);
    expect(windows.activeId).toBe(a.id);
    windows.cycle(-1);
    expect(windows.activeId).toBe(b.id);
  });

  it('remembers the place that a person chose, and nothing of another program', () => {
    const first = windows.open(spec('a'));
    windows.place(first, { x: 40, y: 60, width: 500, height: 350 });
    windows.settle(first);
    windows.close(first.id);
    expect(windows.open(spec('a')).rect).toEqual({ x: 40, y: 60, width: 500, height: 350 });
    expect(windows.open(spec('b')).rect.width).toBe(400);
  });

  it('does not trust what it finds in the store', () => {
    localStorage.setItem('hanabi.window.a', '{"rect":{"x":"left"},"maximised":1}');
    expect(windows.open(spec('a')).rect.width).toBe(400);
    localStorage.setItem('hanabi.window.b', 'no JSON');
    expect(windows.open(spec('b')).rect.width).toBe(400);
  });

  it('takes the size a module asks for, but not from a person who chose one', () => {
    const asked = { ...rules, default_width: 640, default_height: 480 };
    const fresh = windows.open(spec('a'));
    windows.applyRules(fresh, asked);
    expect([fresh.rect.width, fresh.rect.height]).toEqual([640, 480]);
    windows.settle(fresh);
    windows.place(fresh, { ...fresh.rect, width: 700 });
    windows.applyRules(fresh, asked);
    expect(fresh.rect.width).toBe(700);
    const fixed = windows.open(spec('c', { resizable: false }));
    windows.toggleMaximised(fixed.id);
    expect(fixed.maximised).toBe(false);
  });

  it('fills a half and gives the window its own place back', () => {
    const a = windows.open(spec('a'));
    const own = windows.shown(a);
    windows.snapBy('left');
    expect(windows.shown(a)).toEqual({ x: 0, y: 0, width: 600, height: 800 });
    windows.setArea({ width: 1000, height: 800 });
    expect(windows.shown(a).width).toBe(500);
    windows.setArea(area);
    windows.snapBy('right');
    expect(windows.shown(a)).toEqual(own);
    const fixed = windows.open(spec('b', { resizable: false }));
    windows.snapBy('left');
    expect(fixed.zone).toBeNull();
  });

  it('opens a window in the half that it was closed in', () => {
    windows.open(spec('a'));
    windows.snapBy('right');
    windows.close(windows.activeId!);
    expect(windows.open(spec('a')).zone).toBe('right');
  });

  it('keeps the windows of several desktops apart', () => {
    const a = windows.open(spec('a'));
    windows.stepDesktop(1);
    expect(windows.activeId).toBeNull();
    expect(windows.desktops).toBe(2);
    const b = windows.open(spec('b'));
    expect(windows.isShown(a)).toBe(false);
    windows.cycle(1);
    expect(windows.activeId).toBe(b.id);
    windows.activate(a.id);
    expect(windows.desktop).toBe(0);
    windows.moveToDesktop(a.id, 1);
    expect(windows.here).toHaveLength(2);
    windows.stepDesktop(-1);
    expect(windows.here).toHaveLength(0);
    windows.stepDesktop(-1);
    expect(windows.desktop).toBe(0);
  });

  it('has no second empty desktop behind an empty one', () => {
    windows.open(spec('a'));
    windows.stepDesktop(1);
    windows.stepDesktop(1);
    expect(windows.desktop).toBe(1);
    windows.stepDesktop(-1);
    expect(windows.desktops).toBe(1);
  });
});

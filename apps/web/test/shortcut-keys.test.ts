import { expect, it } from 'vitest';
import {
  combinationOf,
  combinationPressed,
  isUsable,
  SHORTCUT_NAMES,
  SHORTCUTS,
  shortcutFor,
} from '../src/desktop/shortcut-keys.ts';

const press = (key: string, code: string, held: Partial<Record<'altKey' | 'ctrlKey' | 'shiftKey' | 'metaKey', true>>) =>
  combinationPressed({ key, code, altKey: false, ctrlKey: false, shiftKey: false, metaKey: false, ...held });

it('names what was pressed by the places of the letters', () => {
  expect(press('∑', 'KeyW', { altKey: true })).toBe('Alt+W');
  expect(press(' ', 'Space', { ctrlKey: true })).toBe('Ctrl+Space');
  expect(press('F6', 'F6', { shiftKey: true })).toBe('Shift+F6');
  expect(press('ArrowLeft', 'ArrowLeft', { altKey: true, shiftKey: true })).toBe('Alt+Shift+ArrowLeft');
  expect(press('Alt', 'AltLeft', { altKey: true })).toBeNull();
});

it('has keys of its own for everything, all usable and each for one thing', () => {
  expect(new Set(Object.values(SHORTCUTS)).size).toBe(SHORTCUT_NAMES.length);
  expect(Object.values(SHORTCUTS).filter((keys) => !isUsable(keys))).toEqual([]);
  expect(isUsable('A')).toBe(false);
  expect(isUsable('Shift+A')).toBe(false);
});

it('does what the person chose, and no longer what they chose otherwise', () => {
  const chosen = { close: 'Ctrl+Alt+X' };
  expect(combinationOf('close', chosen)).toBe('Ctrl+Alt+X');
  expect(shortcutFor('Ctrl+Alt+X', chosen)).toBe('close');
  expect(shortcutFor('Alt+W', chosen)).toBeUndefined();
  expect(shortcutFor('Alt+T', chosen)).toBe('taskbar');
});

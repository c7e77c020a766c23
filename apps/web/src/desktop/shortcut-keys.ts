/** The keys of the desktop: what each does by default, and how a person writes and presses a combination. */

export const SHORTCUTS = {
  start: 'Ctrl+Space',
  next: 'F6',
  previous: 'Shift+F6',
  close: 'Alt+W',
  windowMenu: 'Alt+M',
  taskbar: 'Alt+T',
  notices: 'Alt+Shift+N',
  snapLeft: 'Alt+Shift+ArrowLeft',
  snapRight: 'Alt+Shift+ArrowRight',
  snapUp: 'Alt+Shift+ArrowUp',
  snapDown: 'Alt+Shift+ArrowDown',
  nextDesktop: 'Alt+Shift+PageDown',
  previousDesktop: 'Alt+Shift+PageUp',
  help: 'F1',
} as const;

export type ShortcutName = keyof typeof SHORTCUTS;
export const SHORTCUT_NAMES = Object.keys(SHORTCUTS) as ShortcutName[];

type Chosen = Readonly<Record<string, string>>;

/** The combination of an action: the person's own, or the one that comes with the desktop. */
export function combinationOf(name: ShortcutName, chosen: Chosen): string {
  return Object.hasOwn(chosen, name) ? chosen[name]! : SHORTCUTS[name];
}

export function shortcutFor(combination: string, chosen: Chosen): ShortcutName | undefined {
  return SHORTCUT_NAMES.find((name) => combinationOf(name, chosen) === combination);
}

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'shiftKey' | 'metaKey'>;

const MODIFIER_KEYS = new Set(['Alt', 'AltGraph', 'Control', 'Shift', 'Meta', 'CapsLock', 'Dead', 'Process']);

/** What was pressed, such as "Alt+Shift+N"; null while there are only modifiers. Letters are those of the place on the keyboard. */
export function combinationPressed({ key, code, altKey, ctrlKey, shiftKey, metaKey }: Pressed): string | null {
  if (MODIFIER_KEYS.has(key)) return null;
  const name = code === 'Space' ? 'Space' : (/^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? key);
  const held = [ctrlKey && 'Ctrl', altKey && 'Alt', shiftKey && 'Shift', metaKey && 'Meta'].filter(Boolean);
  return [...held, name].join('+');
}

/** A combination that writes nothing and that no field, list or button needs: with Ctrl, Alt or Meta, or a function key. */
export function isUsable(combination: string): boolean {
  return /^(?:(?:Ctrl|Alt|Meta)\+|(?:Shift\+)?F\d+$)/.test(combination);
}

const ARROWS: Readonly<Record<string, string>> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };

/** The names that stand on the keys of a combination. */
export function keyCaps(combination: string): string[] {
  return combination.split('+').map((key) => ARROWS[key] ?? key);
}

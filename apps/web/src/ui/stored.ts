/** Small things a person arranged, kept in this browser. A full or forbidden store is no reason to fail. */
const prefix = 'hanabi.';

export function readStored<Value>(key: string, fallback: Value, fits: (value: unknown) => value is Value): Value {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(prefix + key) ?? 'null');
    return fits(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse; the arrangement then lasts as long as the page.
  }
}

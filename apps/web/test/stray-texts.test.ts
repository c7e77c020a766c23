import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AST, parse } from 'svelte/compiler';
import { expect, it } from 'vitest';

/** Attributes whose values are read by people. */
const SPOKEN = new Set(['alt', 'aria-description', 'aria-label', 'aria-roledescription', 'placeholder', 'title']);
/** Names of keys stand on the keys, and code is the same in every language. */
const SAME_EVERYWHERE = new Set(['kbd', 'code']);
const KEYS = /\b(?:Alt|Ctrl|Shift)\+\w+/g;
const LETTERS = /\p{L}{2,}/u;

/** Words in the markup of a component that no catalogue knows. */
function strays(source: string): string[] {
  const found: string[] = [];
  const note = ({ data }: AST.Text) => {
    if (LETTERS.test(data.replaceAll(KEYS, ''))) found.push(data.trim());
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return;
    const { type, name } = node as { type?: string; name?: string };
    if (type === 'StyleDirective' || (type === 'RegularElement' && SAME_EVERYWHERE.has(name!))) return;
    if (type === 'Text') return note(node as AST.Text);
    if (type === 'Attribute') {
      const { value } = node as AST.Attribute;
      const parts = value === true ? [] : Array.isArray(value) ? value : [value];
      for (const part of parts) if (part.type === 'Text' ? SPOKEN.has(name!) : true) visit(part);
      return;
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(parse(source, { modern: true }).fragment);
  return found;
}

it('finds words that stand in the markup', () => {
  const source = '<p class="some words" title="Stray title">{name} and stray <b>more</b> <kbd>Enter</kbd></p>';
  expect(strays(source)).toEqual(['Stray title', 'and stray', 'more']);
});

it('has every word of the desktop in the catalogues', () => {
  const folder = join(import.meta.dirname, '../src');
  const components = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.svelte'),
  );
  expect(components.length).toBeGreaterThan(50);
  const found = components.flatMap((path) =>
    strays(readFileSync(join(folder, path), 'utf8')).map((text) => `${path}: ${text}`),
  );
  expect(found).toEqual([]);
  // It parses every component, which takes long where the machine is busy.
}, 60_000);

/** Each package that must not come in is refused with its code and its reason, and nothing of it is written. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HanabiError } from '@hanabi/protocol';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { unpack } from '../src/index.ts';
import { HOSTILE } from './hostile-zips.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanabi-hostile-'));
const around = join(folder, 'around');

beforeEach(() => rmSync(around, { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a hostile package', () => {
  it.each(HOSTILE)('%s: %s', async (name, code, reason, bytes) => {
    const file = join(folder, 'package.zip');
    writeFileSync(file, bytes());
    const outcome = unpack(file, join(around, 'inner', 'target'));
    const error = await outcome.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error, name).toBeInstanceOf(HanabiError);
    expect((error as HanabiError).message).toMatch(reason);
    expect((error as HanabiError).code).toBe(code);
    expect(everything(around).filter((path) => path !== 'inner')).toEqual([]);
    expect(everything(folder).filter((path) => !path.startsWith('around'))).toEqual(['package.zip']);
  });

  it('there are enough of them', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(40));
});

function everything(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: 'utf8' }) : [];
}

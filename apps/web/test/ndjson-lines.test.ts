import { expect, it } from 'vitest';
import { ndjsonLines } from '../src/api/ndjson-lines.ts';

/** What is read of an answer that comes in these pieces. */
async function read(...pieces: string[]): Promise<{ lines: unknown[]; failed: unknown }> {
  const lines: unknown[] = [];
  const body = new Blob(pieces).stream();
  try {
    for await (const line of ndjsonLines(body)) lines.push(line);
    return { lines, failed: null };
  } catch (failed) {
    return { lines, failed };
  }
}

it('gives the lines of an answer', async () => {
  expect(await read('{"a":1}\n{"b":', '"花"}\n')).toEqual({ lines: [{ a: 1 }, { b: '花' }], failed: null });
});

it.each(['{"b":', '{"b":2}'])(
  'says of an answer that ends within a line that the connection broke: %s',
  async (rest) => {
    expect(await read(`{"a":1}\n${rest}`)).toMatchObject({ lines: [{ a: 1 }], failed: { code: 'HANABI-V011' } });
  },
);

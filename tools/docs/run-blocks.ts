/**
 * Runs the examples of a Markdown file as a reader would. A block marked "file=PATH" is written there, a block marked
 * "test" is run by the shell; both in order, in a fresh folder of the project, so that `npx hanabi` is found.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE } from '../setup/paths.mjs';
import { fencedBlocks } from './fenced-blocks.ts';

const TIMEOUT_MS = 60_000;

export interface BlockRun {
  readonly ran: number;
  readonly problems: readonly string[];
}

export function runBlocks(file: string, markdown: string): BlockRun {
  const blocks = fencedBlocks(markdown).filter(({ info }) => info === 'test' || info.startsWith('file='));
  const folder = path.join(CACHE, 'docs', file.replaceAll(/[^\w]+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  if (blocks.length > 0) mkdirSync(folder, { recursive: true });
  let ran = 0;
  for (const block of blocks) {
    if (block.info !== 'test') {
      const target = path.join(folder, block.info.slice('file='.length));
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, block.content);
      continue;
    }
    const { status, stdout, stderr } = spawnSync('bash', ['-eu', '-o', 'pipefail', '-c', block.content], {
      cwd: folder,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    ran += 1;
    // What follows builds on what went wrong.
    if (status !== 0) return { ran, problems: [`${file}:${block.line} this example fails:\n${stdout}${stderr}`] };
  }
  return { ran, problems: [] };
}

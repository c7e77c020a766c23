/**
 * Runs the examples of a Markdown file as a reader would. A block marked "file=PATH" is written there, a block marked
 * "test" is run by the shell, with "needs=PATH,PATH" only where these are; both in order, in a fresh folder of the project, so that `npx hanabi` is found.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE } from '../setup/paths.mjs';
import { fencedBlocks } from './fenced-blocks.ts';

const TIMEOUT_MS = 60_000;

export interface BlockRun {
  readonly ran: number;
  readonly problems: readonly string[];
}

export function runBlocks(file: string, markdown: string): BlockRun {
  const blocks = fencedBlocks(markdown).filter(({ info }) => /^test\b|^file=/.test(info));
  const folder = path.join(CACHE, 'docs', file.replaceAll(/[^\w]+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  if (blocks.length > 0) mkdirSync(folder, { recursive: true });
  let ran = 0;
  for (const block of blocks) {
    if (block.info.startsWith('file=')) {
      const target = path.join(folder, block.info.slice('file='.length));
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, block.content);
      continue;
    }
    const needs = /\bneeds=(\S+)/.exec(block.info)?.[1]?.split(',') ?? [];
    const missing = needs.filter((program) => !existsSync(program));
    if (missing.length > 0) {
      console.log(`${file}:${block.line} this example was not run: ${missing.join(', ')} is missing`);
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

/** Fingerprints of files, so that work whose inputs did not change is not done again. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './paths.mjs';

const PASSED_OVER = new Set(['node_modules', 'dist', 'test', '.cache', '__pycache__']);

/**
 * One line per file below the given places: its path, size and time of change. Contents are not read: a start has to
 * be quick, and a file that was written again is cheap to build again.
 * @param {readonly string[]} places files or folders, relative to the root
 */
export function fingerprint(places) {
  const hash = createHash('sha256');
  const visit = (/** @type {string} */ relative) => {
    const absolute = inRoot(relative);
    const stat = lstatSync(absolute, { throwIfNoEntry: false });
    if (!stat) {
      hash.update(`${relative} missing\n`);
    } else if (stat.isDirectory()) {
      for (const name of readdirSync(absolute).sort()) {
        if (!PASSED_OVER.has(name)) visit(path.join(relative, name));
      }
    } else {
      hash.update(`${relative} ${stat.size} ${stat.mtimeMs}\n`);
    }
  };
  for (const place of places) visit(place);
  return hash.digest('hex');
}

/** @param {string} relative */
export function contentHash(relative) {
  return createHash('sha256')
    .update(readFileSync(inRoot(relative)))
    .digest('hex');
}

/**
 * @param {string} file
 * @returns {string | undefined}
 */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * Written beside and renamed, so that a stamp is whole or absent.
 * @param {string} file
 * @param {string} content
 */
export function writeStamp(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, content);
  renameSync(beside, file);
}

/** Where things stand, and the Python and Debian tools that the house uses. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const CACHE = path.join(ROOT, '.cache');
/** What takes minutes to make and is the same for every clone of the project. */
export const SHARED_CACHE = path.join(
  process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'),
  'hanabi-matsuri',
);

/** The system's Python: workers run with it, so no other one counts. */
export const PYTHON = '/usr/bin/python3';

/** @param {string} relative */
export const inRoot = (relative) => path.join(ROOT, relative);

export const isRoot = process.getuid?.() === 0;
export const hasApt = existsSync('/usr/bin/apt-get');

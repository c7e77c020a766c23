/**
 * Where a run of tests puts its temporary folders: one of its own, which goes with the process that began the run. What
 * harnesses make is many small folders, and a file that fails, or a worker that is ended, removes none of them.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'HANABI_TEST_SCRATCH';

/** The processes of the run inherit it, and leave it alone. */
export function useScratchFolder(): void {
  if (process.env[NAME]) return;
  const folder = mkdtempSync(join(tmpdir(), 'hanabi-t-'));
  // Other users have to get through, those of sandboxes above all.
  chmodSync(folder, 0o755);
  process.env[NAME] = folder;
  process.env['TMPDIR'] = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}

import { rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JobResult } from '@hanabi/sandbox';

/** The supervisor leaves the outputs of a job in one folder, which is ours from then on. */
export async function removeOutbox(result: JobResult): Promise<void> {
  const first = result.outputs[0];
  if (!first) return;
  const folder = dirname(first.path);
  try {
    rmdirSync(folder); // most often nothing is left in it
  } catch {
    await rm(folder, { recursive: true, force: true });
  }
}

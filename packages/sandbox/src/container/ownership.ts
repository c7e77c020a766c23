/** Labels that say whose a container is, and the removal of those whose owner is gone. */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { removeContainer } from './container-box.ts';
import type { Engine, ListedContainer } from './engine.ts';

const OWNER = 'hanabi.worker.owner';
const FOLDER = 'hanabi.worker.folder';

/** A process of this machine, however often its number is used again. */
function nameOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readlinkSync('/proc/self/ns/pid')}/${pid}/${startTime}`;
  } catch {
    return undefined;
  }
}

export function ownLabels(work_dir: string): Record<string, string> {
  return { [OWNER]: nameOf(process.pid)!, [FOLDER]: markOf(work_dir) };
}

/**
 * Takes away what a supervisor left that was killed: one that used this work folder, which is now ours alone, or any
 * whose process is no more. Owners in another process namespace may live without our seeing them.
 */
export async function sweep(engine: Engine, work_dir: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [OWNER] }));
  const found = await engine.ask<ListedContainer[]>('GET', `/containers/json?all=1&filters=${filters}`);
  const stale = found.filter(({ Labels }) => Labels[FOLDER] === markOf(work_dir) || isGone(Labels[OWNER]!));
  await Promise.all(stale.map(({ Id }) => removeContainer(engine, Id)));
}

function isGone(owner: string): boolean {
  const [namespace, pid] = owner.split('/') as [string, string];
  return namespace === readlinkSync('/proc/self/ns/pid') && nameOf(Number(pid)) !== owner;
}

function markOf(work_dir: string): string {
  return createHash('sha256').update(work_dir).digest('hex').slice(0, 32);
}

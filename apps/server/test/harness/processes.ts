/** What the kernel says of the processes of a server. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Between two looks: what asks without a pause takes the processor from those it waits for. */
const PAUSE_MS = 2;

/** The API process below the parent that was started. */
export async function apiProcessOf(parent: number): Promise<number> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  for (const child of children.trim().split(' ').map(Number)) {
    if ((await readFile(`/proc/${child}/cmdline`, 'utf8')).includes('api.js')) return child;
  }
  throw new Error('the API process was not found');
}

/** All processes below this one, however deep. */
export async function descendantsOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.join(' ').split(' ').map(Number).filter(Boolean);
  const below = await Promise.all(children.map(descendantsOf));
  return [...children, ...below.flat()];
}

/** State and processor time in ticks of 10 ms; undefined for a process that is gone. */
async function statOf(pid: number): Promise<{ state: string; ticks: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name before the last bracket may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && { state: fields[0]!, ticks: Number(fields[11]) + Number(fields[12]) };
}

export async function ended(pid: number): Promise<void> {
  for (;;) {
    const found = await statOf(pid);
    if (!found || found.state === 'Z' || found.state === 'X') return;
    await wait(PAUSE_MS);
  }
}

/** Settles when the process has worked for so long since this was asked, or when `done` says that there is no more. */
export async function worked(pid: number, ticks: number, done: () => boolean): Promise<void> {
  const from = (await statOf(pid))?.ticks ?? 0;
  while (!done() && ((await statOf(pid))?.ticks ?? Infinity) - from < ticks) await wait(PAUSE_MS);
}

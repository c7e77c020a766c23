/** Whether Python files parse, and services keep to their language. Only a sandbox looks at them, since a parser is a program that a file can attack. */
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ErrorCode, HanabiError, PythonProblems, WORKER_TIERS } from '@hanabi/protocol';
import { packageCheck } from './assets.ts';
import type { JobResult, JobSpec, Sandbox } from './sandbox.ts';

export type PythonChecked = { ok: true; problems: PythonProblems } | { ok: false; reason: string };

/** What says something of this machine at this moment, and nothing of the files. */
const NOT_THE_FILES = new Set<ErrorCode>(['HANABI-W002', 'HANABI-W011', 'HANABI-W015', 'HANABI-W016', 'HANABI-V009']);

/** `path`: in the package; `source`: where the file is on this disk; `restricted`: it is the program of a service. */
export async function checkPython(
  sandbox: Sandbox,
  files: readonly { path: string; source: string; restricted: boolean }[],
  signal: AbortSignal,
): Promise<PythonChecked> {
  const spec: JobSpec = {
    id: `check-${randomUUID()}`,
    ...packageCheck(),
    inputs: files.map(({ source }, index) => ({ name: `${index}.py`, path: source })),
    options: {
      paths: Object.fromEntries(files.map(({ path }, index) => [`${index}.py`, path])),
      restricted: files.flatMap(({ restricted }, index) => (restricted ? [`${index}.py`] : [])),
    },
    limits: WORKER_TIERS.standard,
    libraries: false,
  };
  try {
    const job = sandbox.runJob(spec, signal);
    let step = await job.next();
    while (!step.done) step = await job.next();
    return { ok: true, problems: await readProblems(step.value, new Set(files.map(({ path }) => path))) };
  } catch (error) {
    if (!(error instanceof HanabiError)) throw error;
    if (NOT_THE_FILES.has(error.code)) return { ok: false, reason: error.message };
    // A file that brings the parser down is no file for a server.
    const [first] = files;
    const message = `the Python files could not be parsed (${error.code})`;
    return { ok: true, problems: first ? [{ path: first.path, line: 1, message }] : [] };
  }
}

/** The sandbox has read what strangers wrote, so what it answers is looked at, too. */
async function readProblems({ outputs }: JobResult, paths: ReadonlySet<string>): Promise<PythonProblems> {
  const [output] = outputs;
  if (!output) throw new HanabiError('HANABI-W010');
  try {
    const problems = PythonProblems.parse(JSON.parse(await readFile(output.path, 'utf8')));
    return problems.filter(({ path }) => paths.has(path));
  } catch (cause) {
    throw new HanabiError('HANABI-W010', undefined, { cause });
  } finally {
    await rm(dirname(output.path), { recursive: true, force: true });
  }
}

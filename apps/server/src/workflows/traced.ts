/** Where code is, as a sealed process says it, which nobody else has looked at. */
import { type CodeFrame, HanabiError, LIMITS } from '@hanabi/protocol';
import type { Activation, Completion, Place, WorkflowProcess } from '@hanabi/sandbox';
import * as z from 'zod';
import { compile } from '../http/validate.ts';
import type { SourceFiles } from './source-files.ts';

const Name = z.string().max(LIMITS.workflow_trace_name_chars_max);
const PlaceShape = z.strictObject({
  path: z.string().max(LIMITS.package_path_bytes_max),
  line: z.int().min(1),
  function: Name,
});
const Stack = z.array(PlaceShape).max(20);
const checkTrace = compile(
  z.strictObject({
    made: z.array(Stack).max(LIMITS.workflow_trace_commands_max),
    last: PlaceShape.nullable(),
    waits: z.array(z.strictObject({ task: Name, stack: Stack })).max(50),
  }),
  'HANABI-W014',
);

/** Its completion, with the trace of the right shape. HANABI-W014. */
export async function activateTraced(process: WorkflowProcess, activation: Activation): Promise<Completion> {
  const completion = await process.activate(activation);
  if (completion.trace === undefined) return completion;
  try {
    checkTrace(completion.trace);
  } catch {
    // What exactly is wrong would repeat names that the process has chosen.
    throw new HanabiError('HANABI-W014', 'its trace');
  }
  return completion;
}

/** The frames that stand in these files. */
export function framesIn(sources: SourceFiles, stack: readonly Place[]): CodeFrame[] {
  return stack
    .filter(({ path }) => sources.has(path))
    .map(({ path, line, function: name }) => ({ path, line, function: name }));
}

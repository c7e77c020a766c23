/** Where code is, as a sealed process says it, which nobody else has looked at. */
import type { CodeFrame } from '@hanabi/protocol';
import type { Activation, Completion, Place, WorkflowProcess } from '@hanabi/sandbox';
import { z } from 'zod';
import { compile } from '../http/validate.ts';
import type { SourceFiles } from './source-files.ts';

const PlaceShape = z.strictObject({ path: z.string(), line: z.int().min(1), function: z.string() });
const Stack = z.array(PlaceShape).max(20);
const checkTrace = compile(
  z.strictObject({
    made: z.array(Stack),
    last: PlaceShape.nullable(),
    waits: z.array(z.strictObject({ task: z.string(), stack: Stack })).max(50),
  }),
  'HANABI-W014',
);

/** Its completion, with the trace of the right shape. HANABI-W014. */
export async function activateTraced(process: WorkflowProcess, activation: Activation): Promise<Completion> {
  const completion = await process.activate(activation);
  if (completion.trace !== undefined) checkTrace(completion.trace);
  return completion;
}

/** The frames that stand in these files. */
export function framesIn(sources: SourceFiles, stack: readonly Place[]): CodeFrame[] {
  return stack
    .filter(({ path }) => sources.has(path))
    .map(({ path, line, function: name }) => ({ path, line, function: name }));
}

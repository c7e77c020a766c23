/** What a sealed activity says of itself, which nobody else has looked at, and what is said for it where it cannot. */
import { readFile } from 'node:fs/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Failure, JobResult, Payload } from '@hanabi/sandbox';
import * as z from 'zod';
import { compile } from '../http/validate.ts';
import { removeOutbox } from '../jobs/remove-outbox.ts';
import type { AttemptResult } from './activity-rows.ts';

const payload = z.record(z.string(), z.unknown());
const failure = z.looseObject({ message: z.string().optional() });
const checkHeartbeat = compile(z.array(payload), 'HANABI-W014');
const checkResult = compile(
  z.union([
    z.strictObject({ completed: z.strictObject({ result: payload.nullish() }) }),
    z.strictObject({ failed: z.strictObject({ failure }) }),
    z.strictObject({ cancelled: z.strictObject({ failure }) }),
    z.strictObject({ willCompleteAsync: z.strictObject({}) }),
  ]),
  'HANABI-W014',
);

/** HANABI-W014 for what is none. */
export function heartbeatIn(chunk: string): readonly Payload[] {
  requireSmall(Buffer.byteLength(chunk));
  return checkHeartbeat(parsed(chunk));
}

/** Of its output, which is gone then. HANABI-W006 for too much of it, W014 for what is none. */
export async function resultIn(job: JobResult): Promise<AttemptResult> {
  const [file] = job.outputs;
  if (!file) throw new HanabiError('HANABI-W014', 'an activity without a result');
  try {
    requireSmall(file.size_bytes);
    return checkResult(parsed(await readFile(file.path, 'utf8'))) as AttemptResult;
  } finally {
    await removeOutbox(job);
  }
}

/** As the workflow is told what went wrong around its activity. */
export function failureOf({ code, category, message, log }: HanabiError): Failure {
  return {
    message,
    applicationFailureInfo: { type: code, nonRetryable: IN_VAIN.has(category) || code === 'HANABI-W006' },
    stackTrace: log ?? '',
  };
}

/** The same will happen again. */
const IN_VAIN: ReadonlySet<HanabiError['category']> = new Set(['INVALID', 'OUT_OF_SCOPE', 'NOT_FOUND', 'UNSUPPORTED']);

/** HANABI-W006. */
export function requireSmall(size_bytes: number): void {
  const most = LIMITS.workflow_payload_bytes_max;
  if (size_bytes > most) throw new HanabiError('HANABI-W006', `an activity may say ${most} bytes`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new HanabiError('HANABI-W014', 'what an activity says is no JSON', { cause });
  }
}

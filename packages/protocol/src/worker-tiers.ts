/** Tiers of an operator: a JSON object of names to limits, checked before any worker runs under them. */
import * as z from 'zod';
import { MIB, type TierLimits, WORKER_TIERS } from './limits.ts';

export const TIER_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Authors count on these two wherever their module runs. */
const FIXED = new Set(['small', 'standard']);

const whole = (low: number, high: number) => z.number().int().min(low).max(high);

const Limits = z.strictObject({
  /** Less than this and Python itself does not start. */
  memory_bytes_max: whole(32 * MIB, 2 ** 40),
  cpu_ms_max: whole(1000, 7 * 24 * 3600 * 1000),
  wall_ms_max: whole(1000, 7 * 24 * 3600 * 1000),
  output_bytes_max: whole(1, 2 ** 40),
  /** What a job made is told in one message between the supervisor and the server. */
  output_files_max: whole(1, 5000),
  processes_max: whole(4, 4096),
});

const Definitions = z.record(z.string(), Limits).superRefine((tiers, context) => {
  for (const name of Object.keys(tiers)) {
    const problem = !TIER_NAME.test(name)
      ? 'is not a name of lower-case letters, digits and dashes'
      : FIXED.has(name)
        ? 'is the same on every server and cannot be changed'
        : undefined;
    if (problem) context.addIssue({ code: 'custom', path: [name], message: problem });
  }
});

export type Tiers = Readonly<Record<string, TierLimits>>;

/** All tiers of a server: those of the house, and the operator's beside or instead of them. Throws one plain sentence. */
export function withDefinedTiers(json: unknown): Tiers {
  const result = Definitions.safeParse(json);
  if (result.success) return { ...WORKER_TIERS, ...result.data };
  const { path, message } = result.error.issues[0]!;
  throw new Error(path.length > 0 ? `${path.join('.')}: ${message}` : message);
}

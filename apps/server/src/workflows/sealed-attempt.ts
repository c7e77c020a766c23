/** One attempt of an activity as a sealed job, whoever keeps the workflow that asked for it. */
import { holds, type Permission, type Tiers } from '@hanabi/protocol';
import type { Fields, JobSpec, NetworkRules, Payload } from '@hanabi/sandbox';
import type { Audit, AuditedJob } from '../audit.ts';
import { newId } from '../ids.ts';
import { audited } from '../jobs/audited.ts';
import { networkPolicy, withinDay } from '../jobs/network-policy.ts';
import { EXTRAS, limitsOf, PRIORITIES } from '../jobs/prepare-job.ts';
import { heartbeatIn, resultIn } from './activity-answers.ts';
import type { AttemptResult } from './activity-rows.ts';
import type { WorkflowOwner } from './begin-run.ts';
import type { ProcessParts } from './processes.ts';
import { requireStillRunnable, runnableModule } from './runnable.ts';

export interface SealedParts extends ProcessParts {
  audit: Audit;
  tiers: Tiers;
  network: NetworkRules;
}

interface AttemptOrder {
  readonly owner: WorkflowOwner;
  readonly workflow_id: string;
  /** Names the attempt. */
  readonly token: string;
  /** What the code is told, as Temporal's core has it. */
  readonly start: Fields;
}

interface SealedAttempt {
  readonly spec: JobSpec;
  /** Whose it is, for the audit. */
  readonly job: AuditedJob;
  /** Throws the refusal when something that it was prepared with has been revoked since. */
  readonly requireStillGranted: () => Promise<void>;
}

export interface AttemptListener {
  /** It waits for a place; told whenever the line moves. */
  readonly queued?: () => Promise<void>;
  /** It has its place, and its time counts. */
  readonly started?: () => Promise<void> | void;
  readonly beat: (details: readonly Payload[]) => Promise<void> | void;
}

/** With what the module may have at this moment. */
export async function prepareAttempt(
  parts: SealedParts,
  { owner, workflow_id, token, start }: AttemptOrder,
  signal: AbortSignal,
): Promise<SealedAttempt> {
  const { libraries, tiers, network, audit, uses } = parts;
  const { user_id, module_id } = owner;
  const { module, user, rights, entry } = await runnableModule(parts, owner);
  const extras = EXTRAS.filter((extra) => holds(extra, rights));
  const used: Permission[] = ['worker.workflow', ...extras];
  uses.note({ user, module, detail: `activity of the workflow ${workflow_id}` }, used);
  const spec: JobSpec = {
    id: newId(),
    activity: true,
    module_dir: module.package_dir,
    entry,
    inputs: [],
    options: { token, start },
    limits: limitsOf(module, tiers),
    native: holds('worker.native', rights),
    network: await withinDay(networkPolicy(module, rights, network), audit, user.id, module),
    libraries: false,
    layer_dir: await libraries.layerOf(module.manifest, signal),
    share: { owner: user.id, module: module.id, priority: PRIORITIES.task },
    patient: true,
  };
  return {
    spec,
    job: { user_id, module_id, module_version: module.version, job_id: spec.id },
    requireStillGranted: () => requireStillRunnable(parts, owner, extras),
  };
}

/** What became of it, as its code says, which `wish` asks to end. Whatever else it says, it does not go on without us. */
export async function performAttempt(
  { audit, sandbox }: SealedParts,
  { spec, job, requireStillGranted }: SealedAttempt,
  stop: AbortController,
  { queued, started, beat }: AttemptListener,
  wish?: AbortSignal,
): Promise<AttemptResult> {
  const events = audited(sandbox.runJob(spec, stop.signal, wish), audit, job);
  try {
    for (;;) {
      const step = await events.next();
      if (step.done) return await resultIn(step.value);
      // It may have waited in line for long.
      if (step.value.kind === 'admitted') await requireStillGranted();
      if (step.value.kind === 'queued') await queued?.();
      if (step.value.kind === 'started') await started?.();
      if (step.value.kind === 'output') await beat(heartbeatIn(step.value.chunk));
    }
  } catch (error) {
    stop.abort();
    await events.return(undefined as never);
    throw error;
  }
}

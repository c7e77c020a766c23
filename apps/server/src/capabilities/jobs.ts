import { HanabiError, type HanabiEvent, LIMITS, type Results, utf8Bytes } from '@hanabi/protocol';
import type { JobOrder } from '../jobs/jobs.ts';
import { type Call, requireGranted } from './call.ts';

export async function* createJob(
  call: Call<'HANABI_CREATE_JOB'>,
): AsyncGenerator<HanabiEvent, Results['HANABI_CREATE_JOB'], void> {
  return { job: yield* call.context.jobs.run(orderOf(call, 'call'), call.signal) };
}

export async function queueTask(call: Call<'HANABI_QUEUE_TASK'>): Promise<Results['HANABI_QUEUE_TASK']> {
  return { job: await call.context.jobs.enqueue(orderOf(call, 'task')) };
}

export async function listJobs(call: Call<'HANABI_LIST_JOBS'>): Promise<Results['HANABI_LIST_JOBS']> {
  const { user, module } = call.caller;
  return { jobs: await call.context.jobs.list(user.id, module.id) };
}

export async function getJob({ context, caller, payload }: Call<'HANABI_GET_JOB'>): Promise<Results['HANABI_GET_JOB']> {
  return { job: await context.jobs.get(caller.user.id, caller.module.id, payload.jobId) };
}

export async function cancelJob({
  context,
  caller,
  payload,
}: Call<'HANABI_CANCEL_JOB'>): Promise<Results['HANABI_CANCEL_JOB']> {
  return { job: await context.jobs.cancel(caller.user.id, caller.module.id, payload.jobId) };
}

function orderOf(call: Call<'HANABI_CREATE_JOB'> | Call<'HANABI_QUEUE_TASK'>, kind: JobOrder['kind']): JobOrder {
  const { caller, payload, scope } = call;
  const { user, module } = caller;
  if (!module.manifest.entrypoints.worker) throw new HanabiError('HANABI-W001', module.manifest.name);
  requireGranted(call, 'worker.execute');
  const options = payload.options ?? {};
  if (utf8Bytes(JSON.stringify(options)) > LIMITS.job_options_bytes_max) {
    throw new HanabiError('HANABI-V002', `"options" takes more than ${LIMITS.job_options_bytes_max} bytes`);
  }
  return { kind, userId: user.id, module, options, inputs: scope.inputs };
}

import {
  HanabiError,
  type HanabiEvent,
  holds,
  LIMITS,
  requirePermission,
  type Results,
  utf8Bytes,
} from '@hanabi/protocol';
import { networkPolicy } from '../jobs/network-policy.ts';
import { ownFolder } from '../scope/resolve.ts';
import type { Call } from './call.ts';

export async function* createJob(
  call: Call<'HANABI_CREATE_JOB'>,
): AsyncGenerator<HanabiEvent, Results['HANABI_CREATE_JOB'], void> {
  const { context, caller, payload, scope, signal } = call;
  if (!caller.module.manifest.entrypoints.worker) throw new HanabiError('HANABI-W001', caller.module.manifest.name);
  requirePermission('worker.execute', caller.rights);
  const options = payload.options ?? {};
  if (utf8Bytes(JSON.stringify(options)) > LIMITS.job_options_bytes_max) {
    throw new HanabiError('HANABI-V002', `"options" takes more than ${LIMITS.job_options_bytes_max} bytes`);
  }
  const order = {
    userId: caller.user.id,
    module: caller.module,
    options,
    inputs: scope.inputs,
    exports: await ownFolder(context, 'output', caller),
    emitsProgress: holds('jobs.emit_progress', caller.rights),
    native: holds('worker.native', caller.rights),
    network: networkPolicy(caller.module, caller.rights, context.config.network),
  };
  return { job: yield* context.jobs.run(order, signal) };
}

export async function listJobs(call: Call<'HANABI_LIST_JOBS'>): Promise<Results['HANABI_LIST_JOBS']> {
  const { user, module } = call.caller;
  return { jobs: await call.context.jobs.list(user.id, module.id) };
}

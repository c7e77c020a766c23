import { HanabiError, LIMITS, type Results, utf8Bytes } from '@hanabi/protocol';
import { type Call, requireGranted } from './call.ts';

export async function listSchedules({
  context,
  caller,
}: Call<'HANABI_SCHEDULE_LIST'>): Promise<Results['HANABI_SCHEDULE_LIST']> {
  return { schedules: await context.schedules.list(caller.user.id, caller.module.id) };
}

export async function createSchedule(call: Call<'HANABI_SCHEDULE_CREATE'>): Promise<Results['HANABI_SCHEDULE_CREATE']> {
  const { context, caller, payload, scope } = call;
  const { user, module, rights } = caller;
  const { trigger, triggerType, name = '', options = {} } = payload;
  if (!module.manifest.entrypoints.worker) throw new HanabiError('HANABI-W001', module.manifest.name);
  requireGranted(call, 'worker.execute');
  if (triggerType && triggerType !== ('seconds' in trigger ? 'interval' : 'cron')) {
    throw new HanabiError('HANABI-V002', '"triggerType" is not that of "trigger"');
  }
  if (utf8Bytes(JSON.stringify(options)) > LIMITS.job_options_bytes_max) {
    throw new HanabiError('HANABI-V002', `"options" takes more than ${LIMITS.job_options_bytes_max} bytes`);
  }
  const wish = { userId: user.id, module, rights, name, trigger, options, inputs: scope.inputs };
  return { schedule: await context.schedules.create(wish) };
}

export async function toggleSchedule({
  context,
  caller,
  payload,
}: Call<'HANABI_SCHEDULE_TOGGLE'>): Promise<Results['HANABI_SCHEDULE_TOGGLE']> {
  const { scheduleId, enabled } = payload;
  return { schedule: await context.schedules.toggle(caller.user.id, caller.module.id, scheduleId, enabled) };
}

export async function deleteSchedule({
  context,
  caller,
  payload,
}: Call<'HANABI_SCHEDULE_DELETE'>): Promise<Results['HANABI_SCHEDULE_DELETE']> {
  await context.schedules.delete(caller.user.id, caller.module.id, payload.scheduleId);
  return { ok: true };
}

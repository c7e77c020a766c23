import type { Results, ServerCapability } from '@hanabi/protocol';
import type { Call } from './call.ts';

type Status = Promise<Results['HANABI_SERVICE_STATUS']>;

export function serviceStatus(call: Call<'HANABI_SERVICE_STATUS'>): Status {
  return call.context.services.status(ownerOf(call));
}

export function startService(call: Call<'HANABI_SERVICE_START'>): Status {
  return call.context.services.switchOn(ownerOf(call));
}

export function stopService(call: Call<'HANABI_SERVICE_STOP'>): Status {
  return call.context.services.switchOff(ownerOf(call));
}

export function restartService(call: Call<'HANABI_SERVICE_RESTART'>): Status {
  return call.context.services.switchOn(ownerOf(call), true);
}

export function tickService(call: Call<'HANABI_SERVICE_TICK'>): Status {
  return call.context.services.tick(ownerOf(call));
}

export async function serviceLog(call: Call<'HANABI_SERVICE_LOG'>): Promise<Results['HANABI_SERVICE_LOG']> {
  return call.context.services.log(ownerOf(call), call.payload.after, call.payload.limit);
}

export async function serviceState(call: Call<'HANABI_SERVICE_STATE'>): Promise<Results['HANABI_SERVICE_STATE']> {
  return { state: await call.context.services.state(ownerOf(call)) };
}

export async function setServiceState(
  call: Call<'HANABI_SERVICE_SET_STATE'>,
): Promise<Results['HANABI_SERVICE_SET_STATE']> {
  await call.context.services.setState(ownerOf(call), call.payload.key, call.payload.value);
  return { ok: true };
}

export function serviceMonitor(call: Call<'HANABI_SERVICE_MONITOR'>): Promise<Results['HANABI_SERVICE_MONITOR']> {
  return call.context.services.monitor(ownerOf(call));
}

function ownerOf({ caller }: Pick<Call<ServerCapability>, 'caller'>) {
  return { user_id: caller.user.id, module_id: caller.module.id };
}

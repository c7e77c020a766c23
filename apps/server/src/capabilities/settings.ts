import type { Results } from '@hanabi/protocol';
import type { Call } from './call.ts';

export async function getSetting(call: Call<'HANABI_GET_SETTING'>): Promise<Results['HANABI_GET_SETTING']> {
  const { user, module } = call.caller;
  const { key } = call.payload;
  const value = await call.context.settings.get(user.id, module.id, key);
  return { key, value: value as Results['HANABI_GET_SETTING']['value'] };
}

export async function setSetting(call: Call<'HANABI_SET_SETTING'>): Promise<Results['HANABI_SET_SETTING']> {
  const { user, module } = call.caller;
  const { key, value } = call.payload;
  await call.context.settings.set(user.id, module.id, key, value);
  return { key, value };
}

import { MIB, type Results } from '@hanabi/protocol';
import type { Call } from './call.ts';

export async function storageUsage(call: Call<'HANABI_STORAGE_USAGE'>): Promise<Results['HANABI_STORAGE_USAGE']> {
  const { used_bytes, limit_bytes } = await call.context.tree.usage(call.caller.user.id);
  if (limit_bytes === null) return { limit_mb: null, used_bytes, remaining_bytes: null };
  return { limit_mb: limit_bytes / MIB, used_bytes, remaining_bytes: Math.max(0, limit_bytes - used_bytes) };
}

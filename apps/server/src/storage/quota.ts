/** How much the files of a user may take, and how much they do. Counted in the transaction that changes the files. */
import { HanabiError, type StorageUsage } from '@hanabi/protocol';
import { sql } from 'kysely';
import { mib } from './mib.ts';
import { trashed } from './place.ts';
import type { Reader } from './rows.ts';

export interface QuotaSettings {
  /** For users without a limit of their own; null: none. */
  storage_limit_bytes: number | null;
}

/** Counts bytes that are about to be added, or ends with HANABI-Q005. One statement, so that two cannot both fit. */
export async function addUsed(db: Reader, settings: QuotaSettings, userId: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const added = sql`cast(${bytes} as bigint)`;
  const { numAffectedRows } = await sql`
    update storage_used set used_bytes = used_bytes + ${added}
    where user_id = ${userId} and (${added} < 0 or not exists (
      select 1 from users where users.id = storage_used.user_id
        and coalesce(storage_limit_bytes, cast(${settings.storage_limit_bytes} as bigint)) < used_bytes + ${added}
    ))
  `.execute(db);
  if (numAffectedRows !== 1n) throw await overQuota(db, settings, userId, bytes);
}

/** Ends with HANABI-Q005 where so many more bytes would not fit; for what is about to be sent. */
export async function requireRoom(db: Reader, settings: QuotaSettings, userId: string, bytes: number): Promise<void> {
  const { used_bytes, limit_bytes } = await counted(db, settings, userId);
  if (limit_bytes !== null && used_bytes + bytes > limit_bytes) throw await overQuota(db, settings, userId, bytes);
}

export async function* withinRoom(
  db: Reader,
  settings: QuotaSettings,
  userId: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const { used_bytes, limit_bytes } = await counted(db, settings, userId);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (limit_bytes !== null && used_bytes + bytes > limit_bytes) throw await overQuota(db, settings, userId, bytes);
    yield chunk;
  }
}

export async function usageOf(db: Reader, settings: QuotaSettings, userId: string): Promise<StorageUsage> {
  const { rows } = await sql<{ bytes: number | null }>`
    with recursive ${trashed(userId)}
    select sum(size_bytes) as bytes from files where folder_id in (select id from trashed)
  `.execute(db);
  return { ...(await counted(db, settings, userId)), trash_bytes: rows[0]?.bytes ?? 0 };
}

async function counted(db: Reader, settings: QuotaSettings, userId: string) {
  const row = await db
    .selectFrom('storage_used')
    .innerJoin('users', 'users.id', 'storage_used.user_id')
    .select(['used_bytes', 'storage_limit_bytes'])
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  const limit_bytes = row.storage_limit_bytes ?? settings.storage_limit_bytes;
  return { used_bytes: row.used_bytes, limit_bytes };
}

async function overQuota(db: Reader, settings: QuotaSettings, userId: string, bytes: number): Promise<HanabiError> {
  const { used_bytes, limit_bytes } = await counted(db, settings, userId);
  return new HanabiError(
    'HANABI-Q005',
    `storage quota ${mib(limit_bytes ?? 0)}, used ${mib(used_bytes)}, asked for ${mib(bytes)} more`,
  );
}

/** Where a folder is, and what is below it. Rows know only the folder directly above them, so that moving stays cheap. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { sql } from 'kysely';
import type { FolderRow, Reader } from './rows.ts';

export interface Place {
  /** The module whose root folder lies nearest above, the folder itself included. */
  module_id: string | null;
  trashed: boolean;
  /** Folders above it; 0 for the home folder. */
  depth: number;
}

/** From the top to the folder itself; empty when there is no such folder. */
export async function chainOf(db: Reader, folderId: string): Promise<FolderRow[]> {
  const { rows } = await sql<FolderRow>`
    with recursive up (id, parent_id, distance) as (
      select id, parent_id, 0 from folders where id = ${folderId}
      union all
      select folders.id, folders.parent_id, up.distance + 1 from up join folders on folders.id = up.parent_id
    )
    select folders.* from up join folders on folders.id = up.id order by up.distance desc
  `.execute(db);
  return rows;
}

export function placeOf(chain: readonly FolderRow[]): Place {
  return {
    module_id: chain.findLast((folder) => folder.module_id !== null)?.module_id ?? null,
    trashed: chain[0]?.top === 'trash',
    depth: chain.length - 1,
  };
}

/** The chain of a folder that is there and not in the Trash, or HANABI-F001. */
export async function liveChain(db: Reader, folderId: string): Promise<FolderRow[]> {
  const chain = await chainOf(db, folderId);
  if (chain.length === 0 || placeOf(chain).trashed) throw new HanabiError('HANABI-F001', folderId);
  return chain;
}

export function requireDepth(depth: number): void {
  if (depth > LIMITS.folder_depth_max) {
    throw new HanabiError('HANABI-F005', `more than ${LIMITS.folder_depth_max} folders deep`);
  }
}

/** For a `with recursive`: the table `below` of the folders below `folderId`, itself included, with their level. */
export function below(folderId: string) {
  return sql`below (id, level) as (
    select id, 0 from folders where id = ${folderId}
    union all
    select folders.id, below.level + 1 from below join folders on folders.parent_id = below.id
  )`;
}

/** For a `with recursive`: the table `trashed` of the folders that lie in the Trash of a user. */
export function trashed(userId: string) {
  return sql`trashed (id) as (
    select holder_id from trash_items where user_id = ${userId}
    union all
    select folders.id from trashed join folders on folders.parent_id = trashed.id
  )`;
}

/** How many folders there are one inside the other below this one. */
export async function heightOf(db: Reader, folderId: string): Promise<number> {
  const { rows } = await sql<{ height: number }>`
    with recursive ${below(folderId)} select max(level) as height from below
  `.execute(db);
  return rows[0]?.height ?? 0;
}

/** The chains of many folders with one question. */
export async function chainsOf(db: Reader, folderIds: readonly string[]): Promise<Map<string, FolderRow[]>> {
  if (folderIds.length === 0) return new Map();
  const { rows } = await sql<FolderRow>`
    with recursive up (id) as (
      select id from folders where id in (${sql.join([...new Set(folderIds)])})
      union
      select folders.parent_id from up join folders on folders.id = up.id where folders.parent_id is not null
    )
    select folders.* from up join folders on folders.id = up.id
  `.execute(db);
  const byId = new Map(rows.map((folder) => [folder.id, folder]));
  const chains = new Map<string, FolderRow[]>();
  for (const id of folderIds) {
    const chain: FolderRow[] = [];
    for (let folder = byId.get(id); folder; folder = byId.get(folder.parent_id ?? '')) chain.unshift(folder);
    chains.set(id, chain);
  }
  return chains;
}

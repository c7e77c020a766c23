/** Folders that stay where they are: the two tops, "Modules" and "Desktop", and those that an installed module's manifest names. */
import { HanabiError } from '@hanabi/protocol';
import { sql } from 'kysely';
import { below, chainOf, placeOf } from './place.ts';
import type { FolderRow, Reader } from './rows.ts';

export const MODULES_FOLDER = 'Modules';
/** What lies in it is shown on the desktop. */
export const DESKTOP_FOLDER = 'Desktop';
const KEPT = [MODULES_FOLDER, DESKTOP_FOLDER];

/** Ends with HANABI-F009 when the folder, or one that it would take along, must stay. */
export async function refuseProtected(db: Reader, folder: FolderRow): Promise<void> {
  if (folder.top !== null) throw new HanabiError('HANABI-F009', folder.name);
  for (const marked of await markedBelow(db, folder)) {
    const chain = await chainOf(db, marked.id);
    const isKept = chain.length === 2 && KEPT.includes(marked.name);
    if (isKept || (await isInstalled(db, placeOf(chain).module_id, folder.user_id))) {
      throw new HanabiError('HANABI-F009', marked.name);
    }
  }
}

async function markedBelow(db: Reader, folder: FolderRow): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    with recursive ${below(folder.id)}
    select folders.id, folders.name from below join folders on folders.id = below.id
    where module_id is not null or role is not null or (level = 0 and name in (${sql.join(KEPT)}))
  `.execute(db);
  return rows;
}

async function isInstalled(db: Reader, moduleId: string | null, userId: string): Promise<boolean> {
  if (moduleId === null) return false;
  const row = await db.selectFrom('modules').select('id').where('id', '=', moduleId).executeTakeFirst();
  if (row) return true;
  const own = await db
    .selectFrom('module_installs')
    .select('module_id')
    .where('user_id', '=', userId)
    .where('module_id', '=', moduleId)
    .executeTakeFirst();
  return own !== undefined;
}

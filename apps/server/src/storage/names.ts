/** Which names of a folder are taken. Files and folders share them. */
import { numberedName } from '@hanabi/protocol';
import { sql } from 'kysely';
import type { FileRow, FolderRow, Reader } from './rows.ts';

export function folderNamed(db: Reader, parentId: string, name: string): Promise<FolderRow | undefined> {
  return db
    .selectFrom('folders')
    .selectAll()
    .where('parent_id', '=', parentId)
    .where('name', '=', name)
    .executeTakeFirst();
}

export function fileNamed(db: Reader, folderId: string, name: string): Promise<FileRow | undefined> {
  return db
    .selectFrom('files')
    .selectAll()
    .where('folder_id', '=', folderId)
    .where('name', '=', name)
    .executeTakeFirst();
}

export async function isTaken(db: Reader, folderId: string, name: string): Promise<boolean> {
  return (await namesFrom(db, folderId, name, name)).length > 0;
}

/** A name that already has a number. Three digits and more are rather a year. */
const NUMBERED = /^(.+) \((\d{1,2})\)(\.[^.]+)?$/s;

/** The name itself where it is free, otherwise with the first number that is: the copy of `a (2)` is `a (3)`. */
export async function freeName(db: Reader, folderId: string, name: string): Promise<string> {
  if (!(await isTaken(db, folderId, name))) return name;
  const [, stem, last, extension = ''] = NUMBERED.exec(name) ?? [];
  const plain = stem === undefined ? name : stem + extension;
  // Long names are cut to make room for the number, so what all candidates begin with is that of a long number.
  const longest = numberedName(plain, 9_999_999);
  const start = longest.slice(0, longest.lastIndexOf(' ('));
  const taken = new Set(await namesFrom(db, folderId, start, `${start}\u{10ffff}`));
  for (let number = last === undefined ? 2 : Number(last) + 1; ; number += 1) {
    const candidate = numberedName(plain, number);
    if (!taken.has(candidate)) return candidate;
  }
}

async function namesFrom(db: Reader, folderId: string, first: string, last: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from files where folder_id = ${folderId} and name between ${first} and ${last}
    union all
    select name from folders where parent_id = ${folderId} and name between ${first} and ${last}
  `.execute(db);
  return rows.map(({ name }) => name);
}

import { HanabiError } from '@hanabi/protocol';
import type { UserRow } from '../accounts/users.ts';
import type { Db } from '../storage/db.ts';
import type { InstalledModule } from './registry.ts';
import { publishedRow } from './version-rows.ts';

/**
 * Who may look into the code of a module that they use: administrators, who see that of every version in the review;
 * its developer; and any developer where it comes with the server. HANABI-M014 for all others.
 */
export async function requireReader(
  db: Db,
  { id: person_id, role }: UserRow,
  { id, origin }: InstalledModule,
): Promise<void> {
  if (role === 'admin') return;
  const published = origin === 'store' ? await publishedRow(db, id) : undefined;
  // A draft is found for its developer only.
  const isReader = role === 'developer' && (origin !== 'store' || published?.developer_id === person_id);
  if (!isReader) throw new HanabiError('HANABI-M014', 'its developer');
}

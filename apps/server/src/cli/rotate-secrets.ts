import { readSecretKeys } from '../config.ts';
import { ConnectionKeys } from '../connections/connection-keys.ts';
import { rotateKeys } from '../connections/rotate-keys.ts';
import type { Opened } from './main.ts';

/** Returns the exit code: 1 where some were sealed with a key that is not there. */
export async function rotateSecrets({ config, db }: Opened): Promise<number> {
  const { sealed, lost } = await rotateKeys(db, new ConnectionKeys(config.shared_dir, readSecretKeys()));
  console.log(`${sealed} connections are sealed with the new key`);
  if (lost === 0) return 0;
  console.log(`${lost} were sealed with a key that is not here: their users have to type them in again`);
  return 1;
}

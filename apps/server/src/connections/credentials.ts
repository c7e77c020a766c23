/** Opens and seals what users typed in. Bound to user, connection and kind: put into another row, it does not open. */
import { HanabiError } from '@hanabi/protocol';
import type { Fields } from './connection-fields.ts';
import { shownFields } from './connection-fields.ts';
import type { ConnectionKey, ConnectionKeys } from './connection-keys.ts';
import type { ConnectionRow, SealedFields } from './connection-store.ts';

export type Sealing = Pick<ConnectionRow, 'id' | 'user_id' | 'kind'>;
type Sealed = Sealing & Pick<ConnectionRow, 'key_id' | 'sealed'>;

export class Credentials {
  private readonly keys: ConnectionKeys;

  constructor(keys: ConnectionKeys) {
    this.keys = keys;
  }

  /** HANABI-N014 without the key that it was sealed with. */
  async open(row: Sealed): Promise<Fields> {
    const key = (await this.keys.all()).find(({ id }) => id === row.key_id);
    if (!key) throw new HanabiError('HANABI-N014');
    return unsealed(key, row);
  }

  async seal(row: Sealing, fields: Fields): Promise<SealedFields> {
    const [key] = await this.keys.all();
    return { ...resealed(key, row, fields), shown: JSON.stringify(shownFields(row.kind, fields)) };
  }

  /** Whether a rotation has begun since it was sealed. */
  async isOutdated({ key_id }: SealedFields): Promise<boolean> {
    return (await this.keys.all())[0].id !== key_id;
  }

  async keyIds(): Promise<Set<string>> {
    return new Set((await this.keys.all()).map(({ id }) => id));
  }
}

export function unsealed(key: ConnectionKey, row: Sealed): Fields {
  try {
    return JSON.parse(key.unseal(row.sealed, ownerOf(row))) as Fields;
  } catch (cause) {
    throw new HanabiError('HANABI-N014', undefined, { cause });
  }
}

export function resealed(key: ConnectionKey, row: Sealing, fields: Fields): Pick<SealedFields, 'key_id' | 'sealed'> {
  return { key_id: key.id, sealed: key.seal(JSON.stringify(fields), ownerOf(row)) };
}

function ownerOf({ id, user_id, kind }: Sealing): string {
  return JSON.stringify([user_id, id, kind]);
}

/**
 * The keys that credentials are sealed with: those of HANABI_SECRET_KEY, or a file of the data folder. Backups do not
 * contain them. They are read anew each time, so that a rotation beside the running server needs no restart.
 */
import { hkdfSync } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrMakeKey } from '../key-file.ts';
import { seal, unseal } from '../sealing.ts';
import { syncFolder } from '../storage/disk.ts';

const KEY_FILE = 'connections.key';
/** During a rotation, until nothing is sealed with it any more. */
const OLD_KEY_FILE = 'connections.key.old';

export class ConnectionKey {
  /** Tells keys apart and nothing about them. */
  readonly id: string;
  private readonly bytes: Buffer;

  constructor(master: Buffer) {
    this.id = derived(master, 'id').toString('base64url').slice(0, 16);
    this.bytes = derived(master, 'seal');
  }

  seal(text: string, owner: string): string {
    return seal(this.bytes, text, owner);
  }

  unseal(sealed: string, owner: string): string {
    return unseal(this.bytes, sealed, owner);
  }
}

export class ConnectionKeys {
  private readonly dir: string;
  private readonly given: readonly Buffer[];

  /** `given` of the operator: the first seals, all of them open. None: those of the folder. */
  constructor(dir: string, given: readonly Buffer[]) {
    this.dir = dir;
    this.given = given;
  }

  /** The one to seal with first. */
  async all(): Promise<[ConnectionKey, ...ConnectionKey[]]> {
    const [first, ...others] = this.given;
    if (first) return [new ConnectionKey(first), ...others.map((key) => new ConnectionKey(key))];
    const current = await readOrMakeKey(this.dir, KEY_FILE);
    const old = await readFile(join(this.dir, OLD_KEY_FILE)).catch(() => undefined);
    return [new ConnectionKey(current), ...(old ? [new ConnectionKey(old)] : [])];
  }

  /** From now on a new key seals. One that was begun is gone on with. With keys of the operator there is nothing to do. */
  async renew(): Promise<void> {
    if (this.given.length > 0) return;
    const [path, oldPath] = [join(this.dir, KEY_FILE), join(this.dir, OLD_KEY_FILE)];
    const current = await readOrMakeKey(this.dir, KEY_FILE);
    await link(path, oldPath).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await syncFolder(this.dir);
    // Unless an earlier attempt had come further than this.
    if (current.equals(await readFile(oldPath))) await rm(path);
    await readOrMakeKey(this.dir, KEY_FILE);
  }

  /** Nothing is sealed with it any more. */
  async forgetOld(): Promise<void> {
    if (this.given.length > 0) return;
    await rm(join(this.dir, OLD_KEY_FILE), { force: true });
    await syncFolder(this.dir);
  }
}

function derived(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `hanabi connections: ${purpose}`, 32));
}

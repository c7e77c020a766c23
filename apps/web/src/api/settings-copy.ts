/**
 * A copy in this browser of the settings that modules have read and written, for the time when the server is out of
 * reach. It answers reads only: a write that did not reach the server has failed. It goes when the user signs out.
 */
import { HanabiError } from '@hanabi/protocol';
import { signedIn } from './signed-in.ts';

const STORE = 'settings';
/** User, module, key. */
type CopyKey = [string, string, string];

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('hanabi', 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
  return opened;
}

async function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await open()).transaction(STORE, mode);
  const request = act(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('error', () => reject(transaction.error));
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
}

interface Setting {
  key: string;
  value: unknown;
  stale?: boolean;
}

/**
 * Asks the server for a setting, or has it store one, and keeps what it says. Where it cannot be reached, a value that
 * is known from before answers instead and says so with `stale`.
 */
export async function withCopy(
  wanted: { moduleId: string; key: string; reads: boolean },
  askServer: () => Promise<unknown>,
): Promise<unknown> {
  const place: CopyKey = [signedIn.userId, wanted.moduleId, wanted.key];
  try {
    const answer = (await askServer()) as Setting;
    // Private windows and full disks refuse; there is no copy then.
    inStore('readwrite', (store) => store.put(answer.value, place)).catch(() => undefined);
    return answer;
  } catch (error) {
    const unreachable = error instanceof HanabiError && error.code === 'HANABI-V011';
    if (!unreachable || !wanted.reads) throw error;
    const known = await inStore('readonly', (store) => store.get(place) as IDBRequest<unknown>).catch(() => undefined);
    if (known === undefined) throw error;
    return { key: wanted.key, value: known, stale: true } satisfies Setting;
  }
}

/** What other users of this browser left behind is nobody's any more. */
export function keepOnlyCopyOf(userId: string): void {
  // An array sorts after every text, so that these are all keys before and after those of the user.
  for (const others of [IDBKeyRange.upperBound([userId], true), IDBKeyRange.lowerBound([userId, []], true)]) {
    inStore('readwrite', (store) => store.delete(others)).catch(() => undefined);
  }
}

export async function forgetCopy(): Promise<void> {
  await inStore('readwrite', (store) => store.clear()).catch(() => undefined);
}

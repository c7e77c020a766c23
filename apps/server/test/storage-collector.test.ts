import { LIMITS } from '@hanabi/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now } from '../src/storage/db.ts';
import { blobPath, sha256Of, Storage } from './harness/storage.ts';
import { stat, utimes } from 'node:fs/promises';

const PAST = LIMITS.blob_grace_ms + 60_000;

let storage: Storage;
beforeEach(async () => {
  storage = await Storage.open();
});
afterEach(() => storage.close());

async function trashForGood(...names: string[]): Promise<void> {
  const files = (await storage.tree.filesIn(storage.home)).filter(({ name }) => names.includes(name));
  await storage.tree.trash(files.map((file) => ({ kind: 'file', file })));
  await storage.tree.emptyTrash(storage.home.user_id);
}

describe('a content', () => {
  it('that no file has any more goes when its grace period is over, and not before', async () => {
    await storage.put('a', 'alone');
    await trashForGood('a');
    await storage.age(PAST - 120_000, 'alone');
    await storage.collector().sweep();
    expect(storage.isStored('alone')).toBe(true);
    await storage.age(PAST, 'alone');
    await storage.collector().sweep();
    expect(storage.isStored('alone')).toBe(false);
  });

  it('that was replaced goes too', async () => {
    await storage.put('a', 'first');
    await storage.put('a', 'second');
    await storage.age(PAST, 'first', 'second');
    await storage.collector().sweep();
    expect([storage.isStored('first'), storage.isStored('second')]).toEqual([false, true]);
  });

  it('that another file has, or one in the Trash, stays', async () => {
    await storage.put('a', 'shared');
    await storage.put('b', 'shared');
    await trashForGood('a');
    const [b] = await storage.tree.filesIn(storage.home);
    await storage.tree.trash([{ kind: 'file', file: b! }]);
    await storage.age(PAST, 'shared');
    await storage.collector().sweep();
    expect(storage.isStored('shared')).toBe(true);
    await storage.tree.emptyTrash(storage.home.user_id);
    await storage.age(PAST, 'shared');
    await storage.collector().sweep();
    expect(storage.isStored('shared')).toBe(false);
  });

  it('that a copy has stays when the original goes', async () => {
    const file = await storage.put('a', 'copied');
    const folder = await storage.tree.makeFolder(storage.home, 'folder');
    await storage.tree.copy([{ kind: 'file', file }], folder);
    await trashForGood('a');
    await storage.age(PAST, 'copied');
    await storage.collector().sweep();
    expect(storage.isStored('copied')).toBe(true);
  });

  it('that was dropped long ago and has just come back stays, also between upload and file', async () => {
    await storage.put('a', 'again');
    await trashForGood('a');
    await storage.age(PAST, 'again');
    const blob = await storage.blobs.writeBytes(Buffer.from('again'));
    await storage.collector().sweep();
    expect(storage.isStored('again')).toBe(true);
    await storage.tree.putFile(storage.home, 'a', blob, 'keep-both');
    await storage.age(PAST, 'again');
    await storage.collector().sweep();
    expect(storage.isStored('again')).toBe(true);
  });

  it('that never became a file is found by the walk, once it is old', async () => {
    await storage.blobs.writeBytes(Buffer.from('orphan'));
    await storage.collector().sweep();
    expect(storage.isStored('orphan')).toBe(true);
    await storage.age(PAST, 'orphan');
    await storage.collector().sweep();
    expect(storage.isStored('orphan')).toBe(false);
  });

  it('that was forgotten by the database when the server died before it was removed goes all the same', async () => {
    await storage.put('a', 'half gone');
    await trashForGood('a');
    await storage.db.deleteFrom('dropped_blobs').execute();
    await storage.age(PAST, 'half gone');
    await storage.collector().sweep();
    expect(storage.isStored('half gone')).toBe(false);
  });

  it('that an upload is about to become stays', async () => {
    await storage.blobs.writeBytes(Buffer.from('uploaded'));
    const upload = { id: 'u', user_id: storage.home.user_id, folder_id: storage.home.id, name: 'x', file_id: null };
    await storage.db
      .insertInto('uploads')
      .values({
        ...upload,
        size_bytes: 8,
        offset_bytes: 8,
        sha256: sha256Of('uploaded'),
        created_at: now(),
        expires_at: now(),
      })
      .execute();
    await storage.age(PAST, 'uploaded');
    await storage.collector().sweep();
    expect(storage.isStored('uploaded')).toBe(true);
  });

  it('takes its thumbnail along, after a grace period of its own', async () => {
    await storage.put('a.png', 'picture');
    const small = await storage.blobs.writeBytes(Buffer.from('small'));
    await storage.db
      .insertInto('thumbnails')
      .values({ source_sha256: sha256Of('picture'), ...small, made_at: now() })
      .execute();
    await storage.age(PAST, 'small', 'picture');
    await storage.collector().sweep();
    expect(storage.isStored('small')).toBe(true);
    await trashForGood('a.png');
    await storage.age(PAST, 'picture');
    await storage.collector().sweep();
    expect([storage.isStored('picture'), storage.isStored('small')]).toEqual([false, true]);
    await storage.age(PAST, 'small');
    await storage.collector().sweep();
    expect(storage.isStored('small')).toBe(false);
  });

  it('is as new as when it was last written', async () => {
    await storage.blobs.writeBytes(Buffer.from('rewritten'));
    const path = blobPath(storage.dir, 'rewritten');
    await utimes(path, 0, 0);
    await storage.blobs.writeBytes(Buffer.from('rewritten'));
    expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - LIMITS.blob_grace_ms);
  });
});

/** The state machine of jobs on a database of its own, with two servers on it that know nothing of each other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import { JobStore, type NewJob } from '../src/jobs/job-store.ts';
import type { Db } from '../src/storage/db.ts';
import { dropDatabase, openDb } from './harness/engine.ts';
import { FileTree } from '../src/storage/file-tree.ts';

/** So long a server may be silent; the clock of the database has to move on by it in these tests. */
const LEASE_MS = 150;

let dir: string;
let db: Db;
let here: JobStore;
let there: JobStore;
let userId: string;
let otherId: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-job-store-'));
  db = await openDb(dir);
  const users = new Users(db, new FileTree(db));
  userId = (await users.create('one', 'one', 'user')).id;
  otherId = (await users.create('two', 'two', 'user')).id;
  here = new JobStore(db, 'here', LEASE_MS);
  there = new JobStore(db, 'there', LEASE_MS);
});
afterEach(async () => {
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});

const order = (changes: Partial<NewJob> = {}): NewJob => ({
  kind: 'task',
  userId,
  module: { id: 'module', version: '1.0.0' },
  options: '{}',
  inputs: [],
  priority: 0,
  attempts_max: 1,
  scheduleId: null,
  in_flight_max: null,
  ...changes,
});
const accept = (changes?: Partial<NewJob>) => here.accept(order(changes), false);
const read = (id: string) => db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** The first server is stopped: it renews nothing, until the other one may take over what it had. */
async function takenOver(id: string): Promise<void> {
  await expect
    .poll(async () => {
      await there.recover('lost');
      return (await read(id)).lease_owner;
    })
    .toBeNull();
}

describe('a lease', () => {
  it('is had by one at a time, however many ask', async () => {
    for (let count = 0; count < 10; count += 1) await accept();
    const claims = await Promise.all([here.claim(7), there.claim(7), here.claim(7)]);
    const ids = claims.flat().map(({ id }) => id);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
  });

  it('that is renewed is not taken over', async () => {
    await accept();
    const [job] = await here.claim(1);
    const until = performance.now() + 3 * LEASE_MS;
    while (performance.now() < until) {
      expect(await here.renew([job!])).toEqual([{ id: job!.id, fence: 1 }]);
      await there.recover('lost');
    }
    expect(await there.claim(1)).toEqual([]);
    expect(await here.begin(job!, '1.0.0')).toMatchObject({ state: 'running', attempts: 1 });
  });

  it('that ran out goes to another server, and what its late holder does counts for nothing', async () => {
    await accept({ attempts_max: 2 });
    const [late] = await here.claim(1);
    await here.begin(late!, '1.0.0');
    await takenOver(late!.id);
    const [job] = await there.claim(1);
    expect(job!.fence).toBeGreaterThan(late!.fence);
    await there.begin(job!, '1.0.0');
    expect(await here.renew([late!])).toEqual([]);
    let stored = false;
    const refused = await here.complete(late!, 'late', async () => {
      stored = true;
      return [];
    });
    expect({ refused, stored }).toEqual({ refused: undefined, stored: false });
    expect(await here.fail(late!, new HanabiError('HANABI-W008'), 0)).toBeUndefined();
    await here.giveBack(late!, 'late');
    const ended = await there.complete(job!, 'in time', async () => []);
    expect(ended?.row).toMatchObject({ state: 'completed', log: 'in time', attempts: 2 });
  });
});

describe('a job whose server is gone', () => {
  it('waits again when it had not begun, and that was no attempt', async () => {
    const { id } = await accept();
    await here.claim(1);
    await takenOver(id);
    expect(await read(id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await there.claim(1)).toHaveLength(1);
  });

  it('has failed with the reason when it ran and is not to be tried again', async () => {
    const { id } = await accept();
    const [job] = await here.claim(1);
    await here.begin(job!, '1.0.0');
    await takenOver(id);
    expect(await read(id)).toMatchObject({ state: 'failed', error_code: 'HANABI-W009' });
    expect(await there.claim(1)).toEqual([]);
  });

  it('is tried as often as its author said, and no more', async () => {
    const { id } = await accept({ attempts_max: 3 });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      // Whoever asks while another server looks at the row gets nothing, and asks again.
      const job = await vi.waitUntil(async () => (await here.claim(1))[0], 30_000);
      expect(await here.begin(job, '1.0.0')).toMatchObject({ attempts: attempt });
      await takenOver(id);
    }
    expect(await read(id)).toMatchObject({ state: 'failed', attempts: 3 });
  });

  it('is looked after at once by the same server when it is started again, which leaves those of others alone', async () => {
    await accept({ attempts_max: 2 });
    const theirs = await accept();
    const [job] = await here.claim(1);
    await here.begin(job!, '1.0.0');
    expect(await there.claim(1)).toMatchObject([{ id: theirs.id }]);
    const again = new JobStore(db, 'here', LEASE_MS * 1000);
    expect(await again.recover('mine')).toMatchObject([{ id: job!.id, state: 'queued' }]);
    // Whatever of it is still on its way counts for nothing.
    expect(await here.complete(job!, 'late', async () => [])).toBeUndefined();
    expect((await read(theirs.id)).lease_owner).toBe('there');
    expect(await again.claim(2)).toMatchObject([{ id: job!.id }]);
  });

  it('is looked after at once where there can be no other server', async () => {
    await accept();
    await here.claim(1);
    await there.recover('all');
    expect(await there.claim(1)).toHaveLength(1);
  });
});

describe('the order', () => {
  it('is priority, then users in turns, then that of asking', async () => {
    const mine: string[] = [];
    for (let count = 0; count < 4; count += 1) mine.push((await accept()).id);
    const theirs = (await accept({ userId: otherId })).id;
    const urgent = (await accept({ priority: 1 })).id;
    const taken: string[] = [];
    for (let jobs = await here.claim(1); jobs[0]; jobs = await here.claim(1)) taken.push(jobs[0].id);
    expect(taken).toEqual([urgent, theirs, ...mine]);
  });
});

describe('cancelling', () => {
  it('is for what is queued, also when a server has it already; that one then does not begin', async () => {
    const { id } = await accept();
    const [job] = await there.claim(1);
    expect(await here.cancel(userId, 'module', id)).toMatchObject({ state: 'cancelled' });
    expect(await there.begin(job!, '1.0.0')).toBeUndefined();
    expect(await here.cancel(userId, 'module', id)).toBeUndefined();
  });

  it('is not for what runs, nor for what is somebody else’s', async () => {
    const { id } = await accept();
    expect(await here.cancel(otherId, 'module', id)).toBeUndefined();
    expect(await here.cancel(userId, 'other-module', id)).toBeUndefined();
    const [job] = await here.claim(1);
    await here.begin(job!, '1.0.0');
    expect(await here.cancel(userId, 'module', id)).toBeUndefined();
    expect(await read(id)).toMatchObject({ state: 'running' });
  });
});

describe('limits', () => {
  it('bound what a module may have under way for a user, by kind', async () => {
    await accept({ in_flight_max: 2 });
    const second = await accept({ in_flight_max: 2 });
    await expect(accept({ in_flight_max: 2 })).rejects.toMatchObject({ code: 'HANABI-Q004' });
    await accept({ in_flight_max: 2, userId: otherId });
    await accept({ in_flight_max: 2, kind: 'call' });
    await here.cancel(userId, 'module', second.id);
    await accept({ in_flight_max: 2 });
  });

  it('let the oldest of the ended jobs be forgotten, and their inputs with the end', async () => {
    const inputs = [{ name: 'a', sha256: 'a'.repeat(64) }];
    const first = await accept({ inputs });
    const second = await accept();
    const third = await accept();
    const [job] = await here.claim(1);
    expect(job!.id).toBe(first.id);
    await here.begin(job!, '1.0.0');
    await here.complete(job!, '', async () => []);
    expect(await db.selectFrom('job_inputs').selectAll().execute()).toEqual([]);
    const { sha256 } = await db.selectFrom('dropped_blobs').select('sha256').executeTakeFirstOrThrow();
    expect(sha256).toBe(inputs[0]!.sha256);
    // As if so many more had ended since.
    const { seq: _, ...row } = await read(second.id);
    const rows = Array.from({ length: LIMITS.jobs_kept_per_module_max }, (__, index) => {
      return { ...row, id: `old-${index}`, state: 'completed' as const };
    });
    for (let from = 0; from < rows.length; from += 100) {
      await db
        .insertInto('jobs')
        .values(rows.slice(from, from + 100))
        .execute();
    }
    const [next] = await here.claim(1);
    await here.begin(next!, '1.0.0');
    await here.fail(next!, new HanabiError('HANABI-W008'), 0);
    const kept = (await db.selectFrom('jobs').select('id').execute()).map(({ id }) => id);
    // Of those that have ended the newest are kept; the two that were asked for first are older than all those.
    expect(kept).toHaveLength(LIMITS.jobs_kept_per_module_max + 1);
    expect(kept).not.toContain(first.id);
    expect(kept).toContain(third.id);
  });
});

/** `kill -9` in the middle of document writes: each acknowledged one is there, and counts and index agree with what is. */
import type { DataCollections, DataDocument, DataPage } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KillableServer } from './harness/killable-server.ts';
import { makeModule } from './harness/make-module.ts';

const WRITERS = 4;
const ROUNDS = 6;

let server: KillableServer;
beforeAll(async () => {
  const dir = await makeModule({ id: 'keeper', permissions: ['data.store'] });
  server = await KillableServer.start({ env: { HANABI_MODULE_DIRS: dir } });
});
afterAll(() => server.stop());

it('loses no acknowledged write, and leaves nothing by half', { timeout: 300_000 }, async () => {
  /** By id: the number that was acknowledged last, and those that were sent after it. */
  const known = new Map<string, { acknowledged: number; sent: number }>();
  let turn = 0;

  for (let round = 0; round < ROUNDS; round += 1) {
    const launch = await server.desktop.launch('keeper');
    const { desktop } = server;
    let answers = 0;
    let enough: (() => void) | undefined;
    const underWay = new Promise<void>((resolve) => (enough = resolve));
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      for (;;) {
        turn += 1;
        const id = `w${writer}-${turn % 7}`;
        const state = known.get(id) ?? { acknowledged: 0, sent: 0 };
        const n = turn;
        known.set(id, { ...state, sent: n });
        const payload = { collection: `c${writer}`, id, data: { n, writer, filling: 'x'.repeat((n * 97) % 5000) } };
        const answer = await desktop.ask(launch, 'HANABI_DATA_PUT', payload).catch(() => undefined);
        if (!answer?.ok) return;
        known.set(id, { acknowledged: n, sent: n });
        answers += 1;
        if (answers >= 20 + round * 7) enough?.();
      }
    });
    await underWay;
    await server.killAndRestart();
    await Promise.all(writers);
    await check();
  }

  async function check(): Promise<void> {
    const launch = await server.desktop.launch('keeper');
    const ask = async <T>(type: string, payload = {}) =>
      (await server.desktop.ask(launch, `HANABI_DATA_${type}`, payload)).data as T;
    const { collections, usage } = await ask<DataCollections>('LIST_COLLECTIONS');
    let bytes = 0;
    let records = 0;
    for (const { name, count } of collections) {
      const { docs, total } = await ask<DataPage>('LIST', { collection: name, limit: 1000 });
      expect([docs.length, total]).toEqual([count, count]);
      for (const { id, data } of docs) {
        const { n } = JSON.parse(data) as { n: number };
        const { acknowledged, sent } = known.get(id)!;
        // A write whose answer was lost may have happened.
        expect([acknowledged, sent], id).toContain(n);
        known.set(id, { acknowledged: n, sent: n });
        const found = await ask<{ docs: DataDocument[] }>('QUERY', { collection: name, where: { n } });
        expect(found.docs.map((document) => document.id)).toEqual([id]);
        bytes += Buffer.byteLength(data);
        records += 1;
      }
    }
    for (const [id, { acknowledged }] of known) {
      if (acknowledged === 0) continue;
      expect(await ask('GET', { collection: `c${id.charAt(1)}`, id }), id).not.toBeNull();
    }
    expect(usage).toEqual({ collections: collections.length, records, bytes });
  }
});

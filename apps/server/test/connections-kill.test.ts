/** An order is counted before it is sent: a server that dies in between has not forgotten it. */
import { type Connections, DESKTOP_PATHS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { BYBIT_KEY, BYBIT_SECRET, bybitServer, type BybitServer } from './harness/bybit-server.ts';
import { grant } from './harness/grant.ts';
import { KillableServer } from './harness/killable-server.ts';
import { makeModule } from './harness/make-module.ts';

const path = DESKTOP_PATHS.connections;
const ORDERS = `
def tick(ctx):
    print(ctx.bybit.place_order("BTCUSDT", "Buy", "0.001", "20000"))
`;

let server: KillableServer;
let bybit: BybitServer;

beforeAll(async () => {
  bybit = await bybitServer();
  const orders = await makeModule({
    id: 'orders',
    permissions: ['worker.service'],
    files: { 'service/main.py': ORDERS },
    manifest: {
      entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
      worker: { service: { tick_interval: 3600 } },
      dependencies: { connectors: ['bybit'] },
    },
  });
  server = await KillableServer.start({
    env: {
      HANABI_MODULE_DIRS: orders,
      HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap',
      HANABI_NETWORK_ALLOW_PRIVATE: bybit.origin,
    },
    prepare: (db) => grant(db, 'orders', ['worker.service']),
  });
}, 60_000);
afterAll(async () => {
  await server.stop();
  await bybit.close();
});

it('what was spent is still counted after the server was killed in the middle of an order', async () => {
  const fields = { api_key: BYBIT_KEY, api_secret: BYBIT_SECRET, address: bybit.origin };
  const added = await server.desktop.send('POST', path, { kind: 'bybit', name: 'exchange', fields });
  const { id } = (await added.json()) as { id: string };
  const trading = { currency: 'USDT', order_max: '20', day_max: '30' };
  for (const [below, json] of [
    ['trading', { trading }],
    ['modules/orders', {}],
  ] as const) {
    expect((await server.desktop.send('PUT', `${path}/${id}/${below}`, json)).status).toBe(204);
  }
  // The order arrives, and is never answered.
  bybit.instead = () => {};
  const launch = await server.desktop.launch('orders');
  await server.desktop.ask(launch, 'HANABI_SERVICE_START');
  const arrived = () => bybit.heard.filter(({ target }) => target === '/v5/order/create').length;
  await vi.waitFor(() => expect(arrived()).toBe(1), { timeout: 25_000, interval: 50 });
  await server.killAndRestart();
  const answer = await server.desktop.send('GET', path);
  const { connections } = (await answer.json()) as Connections;
  expect(connections[0]!.trading).toEqual({ ...trading, spent_today: '20' });
  expect(arrived()).toBe(1);
});

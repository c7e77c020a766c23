/** Services that misbehave, each in its way, beside one that does not: it goes on as if it were alone. */
import type { Launch, ServiceLog, ServiceStatus } from '@hanabi/protocol';
import { LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const PROGRAMS = {
  steady: `
def tick(ctx):
    count = ctx.state.get("count", 0) + 1
    ctx.state.set("count", count)
    ctx.log.info(f"tick {count}")
`,
  leaks: `
held = []

def tick(ctx):
    while True:
        held.append("x" * 1000000 + str(len(held)))
`,
  spins: `
def tick(ctx):
    while True:
        pass
`,
  floods: `
def tick(ctx):
    while True:
        for n in range(20):
            print("x" * 10000)
        ctx.state.set("flooded", ctx.state.get("flooded", 0) + 1)
`,
  threads: `
import threading

def tick(ctx):
    threading.Thread(target=tick, args=(ctx,)).start()
`,
  forks: `
def tick(ctx):
    import os
    while True:
        os.fork()
`,
};
type Name = keyof typeof PROGRAMS;
const NAMES = Object.keys(PROGRAMS) as Name[];
const PATIENCE = { timeout: 50_000, interval: 100 };

let server: RunningServer;
let desktop: Desktop;
const launches = {} as Record<Name, Launch>;

beforeAll(async () => {
  const dirs = await Promise.all(
    NAMES.map((id) =>
      makeModule({
        id,
        permissions: ['worker.service'],
        files: { 'service/main.py': PROGRAMS[id] },
        manifest: {
          entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
          worker: { service: { tick_interval: 1 } },
        },
      }),
    ),
  );
  server = await startServer({
    env: { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
    prepare: (db) => grant(db, NAMES, ['worker.service']),
  });
  desktop = await Desktop.signIn(server.url);
  for (const name of NAMES) launches[name] = await desktop.launch(name);
}, 60_000);
afterAll(() => server.stop());

async function ask<Data>(name: Name, what: 'START' | 'STOP' | 'STATUS' | 'STATE' | 'LOG', payload = {}): Promise<Data> {
  const answer = await desktop.ask(launches[name], `HANABI_SERVICE_${what}`, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Data;
}
const status = (name: Name) => ask<ServiceStatus>(name, 'STATUS');
const numberOf = async (name: Name, key: string) =>
  Number((await ask<{ state: Record<string, string> }>(name, 'STATE')).state[key] ?? 0);

it('a service that leaks, spins, floods its log or wants threads and processes touches none of the others', {
  timeout: 120_000,
}, async () => {
  for (const name of NAMES) await ask(name, 'START');
  await vi.waitFor(async () => {
    expect(await status('leaks')).toMatchObject({ last_error: { code: 'HANABI-W003' } });
    expect(await status('threads')).toMatchObject({ last_error: { code: 'HANABI-W013' } });
    expect(await status('forks')).toMatchObject({ last_error: { code: 'HANABI-W013' } });
    expect((await status('spins')).last_tick_at).not.toBeNull();
    expect(await numberOf('floods', 'flooded')).toBeGreaterThan(
      LIMITS.service_log_kept_max / LIMITS.service_log_batch_max,
    );
  }, PATIENCE);
  const { count } = { count: await numberOf('steady', 'count') };
  await vi.waitFor(async () => expect(await numberOf('steady', 'count')).toBeGreaterThan(count + 2), PATIENCE);

  // The flood is cut off, message by message and as a whole, and is nobody else's.
  const { entries } = await ask<ServiceLog>('floods', 'LOG', { limit: LIMITS.service_log_kept_max });
  expect(entries.length).toBe(LIMITS.service_log_kept_max);
  expect(Math.max(...entries.map(({ message }) => message.length))).toBe(LIMITS.service_log_message_chars_max);
  // It stops at once, in the middle of what it does.
  for (const name of ['spins', 'floods', 'leaks'] as const) {
    expect(await ask(name, 'STOP')).toMatchObject({ state: 'stopped' });
  }

  // Between two ticks: one that runs would be cut off by it as well, and with it what it was about to say.
  const said = async () => (await ask<ServiceLog>('steady', 'LOG')).entries.map(({ message }) => message);
  const { length } = await said();
  await vi.waitFor(async () => expect((await said()).length).toBeGreaterThan(length), { ...PATIENCE, interval: 20 });
  await ask('steady', 'STOP');
  const ticks = await numberOf('steady', 'count');
  expect(await status('steady')).toMatchObject({ ticks, failures: 0, last_error: null });
  expect(await said()).toEqual(Array.from({ length: ticks }, (_, at) => `tick ${at + 1}`));
});

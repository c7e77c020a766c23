/** The API process: serves the desktop and the modules. It never spawns; sandboxes belong to its parent, main.ts. */
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type Config, ConfigError, readConfig } from './config.ts';
import { closeContext, type Context, openContext, sandboxStatus } from './context.ts';
import { createApp } from './http/app.ts';
import { oneAtATime } from './storage/db.ts';
import { installShipped } from './modules/shipped.ts';
import { beginWork, keepLibraries, untilStopped } from './working.ts';

const config = readConfig();
// Whatever a log line may carry by accident.
const redact = ['req.headers.cookie', 'req.headers["x-hanabi-csrf"]', 'password', 'token', 'ticket'];
const log = pino({ level: config.log_level, redact, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });

async function start(): Promise<void> {
  const context = await openContext(config, process.argv[2] ?? join(config.data_dir, 'run', 'supervisor.sock'), log);
  const madeUpPassword = await oneAtATime(context.db, async () => {
    const password = await context.users.ensureAdmin(config.admin_password);
    await installShipped(context);
    return password;
  });
  await beginWork(context, 'server');
  context.schedules.start();
  const app = await createApp(context);
  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;

  const stopping = untilStopped(() => {
    context.jobs.expectClose();
    return app.close().then(() => closeContext(context));
  });
  await announce(context, config, port, madeUpPassword);
  process.send?.({ kind: 'ready' });
  await keepLibraries(context, stopping);
}

async function announce(context: Context, { host }: Config, port: number, madeUpPassword?: string): Promise<void> {
  const { note } = await sandboxStatus(context);
  console.log(`Sandbox: ${note}`);
  if (madeUpPassword) {
    console.log(`First sign-in: name "admin", password "${madeUpPassword}" (shown only this once)`);
  }
  const everywhere = host === '0.0.0.0' || host === '::';
  if (everywhere) for (const address of networkAddresses()) console.log(`On the network: http://${address}:${port}`);
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  console.log(`HanabiMatsuri ready at http://${name}:${port}`);
}

function networkAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter((entry) => entry.family === 'IPv4' && !entry.internal).map((entry) => entry.address);
}

start().catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  const known = error instanceof ConfigError || code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL';
  if (known) console.error(explain(code, message));
  else log.fatal({ err: error }, 'could not start');
  // The parent does not try again what cannot succeed.
  process.exit(known ? 78 : 1);
});

function explain(code: string | undefined, message: string): string {
  if (code === 'EADDRINUSE') return `HANABI_PORT: ${config.port} is taken by another program; choose another one`;
  if (code === 'EACCES') return `HANABI_PORT: this user may not listen on ${config.port}; choose one above 1023`;
  if (code === 'EADDRNOTAVAIL') return `HANABI_HOST: ${config.host} is not an address of this machine`;
  return message;
}

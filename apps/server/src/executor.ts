/**
 * The executor process: works off the queue of a PostgreSQL database beside the servers that fill it, and answers nobody.
 * Like the API process it never spawns; sandboxes belong to its parent, main.ts.
 */
import { join } from 'node:path';
import pino from 'pino';
import { ConfigError, readConfig } from './config.ts';
import { closeContext, openContext, sandboxStatus } from './context.ts';
import { beginWork, keepLibraries, untilStopped } from './working.ts';

/** EX_CONFIG: the parent does not try again what cannot succeed. */
const EXIT_CONFIG = 78;

const config = readConfig();
const log = pino({ level: config.log_level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });

async function start(): Promise<void> {
  if (!config.database_url) throw new ConfigError('HANABI_DATABASE_URL: an executor needs the database of its servers');
  const context = await openContext(config, process.argv[2] ?? join(config.data_dir, 'run', 'supervisor.sock'), log);
  const { note, ready } = await sandboxStatus(context);
  if (!ready) throw new ConfigError(`an executor needs a sandbox: ${note}`);
  await beginWork(context, 'executor');
  const stopping = untilStopped(() => closeContext(context));
  console.log(`Sandbox: ${note}`);
  console.log('HanabiMatsuri executor ready');
  await keepLibraries(context, stopping);
}

start().catch((error: unknown) => {
  if (error instanceof ConfigError) console.error(error.message);
  else log.fatal({ err: error }, 'could not start');
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
});

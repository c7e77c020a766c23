/**
 * What an operator asks of a data folder, with the server running or not. The command line starts this as a process of
 * its own, because it may not import the server.
 *
 *   cli.js storage check [--json]
 *   cli.js export --user NAME --out DIR
 *   cli.js module grant ID PERMISSION [--user NAME] [--revoke]
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { blobEngine } from '../context.ts';
import { Blobs } from '../storage/blobs.ts';
import { type Db, openDbAsItIs } from '../storage/db.ts';
import { checkStorage } from './check-storage.ts';
import { exportUser } from './export-user.ts';
import { grant } from './grant.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const COMMANDS = new Set(['storage check', 'export', 'module grant']);

export interface Opened {
  config: Config;
  db: Db;
  blobs: Blobs;
}

async function main(argv: readonly string[]): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const options = { json: flag, revoke: flag, user: text, out: text };
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const command = positionals.slice(0, 2).join(' ');
  if (!COMMANDS.has(command)) throw new ConfigError(`there is no command "${command}"`);
  const config = readConfig();
  if (!existsSync(join(config.data_dir, 'hanabi.db'))) {
    throw new ConfigError(`HANABI_DATA_DIR: there is no data in ${config.data_dir}`);
  }
  const db = await openDbAsItIs(config.data_dir);
  try {
    const opened = { config, db, blobs: new Blobs(join(config.data_dir, 'blobs'), await blobEngine(config)) };
    if (command === 'module grant') {
      const [, , module = '', permission = ''] = positionals;
      return await grant(opened, { module, permission, user: values.user, revoke: values.revoke === true });
    }
    if (command === 'storage check') return await checkStorage(opened, values.json === true);
    if (!values.user || !values.out) throw new ConfigError('--user and --out are needed');
    return await exportUser(opened, values.user, values.out);
  } finally {
    await db.destroy();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = error instanceof ConfigError ? EXIT_USAGE : EXIT_FAILED;
  },
);

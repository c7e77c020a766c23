/**
 * What an operator asks of a data folder, with the server running or not. The command line starts this as a process of
 * its own, because it may not import the server.
 *
 *   cli.js storage check [--json]
 *   cli.js export --user NAME --out DIR
 *   cli.js backup --out DIR [--json]
 *   cli.js restore --from DIR [--json]
 *   cli.js schedule resume [--user NAME]
 *   cli.js service resume [--user NAME]
 *   cli.js workflow resume [--user NAME]
 *   cli.js workflow list [--query FILTER] [--search TEXT] [--limit COUNT] | show ID | signal ID NAME [JSON] | query ID NAME [JSON]
 *     | update ID NAME [JSON] | cancel ID | terminate ID | reset ID --event NUMBER [--user NAME] [--module ID] [--run ID] [--json]
 *   cli.js secrets rotate
 *   cli.js module grant ID PERMISSION [--user NAME] [--revoke]
 *   cli.js user list [--json] | invite [--role ROLE] | role NAME ROLE | disable NAME [--enable] | reset-password NAME
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HanabiError } from '@hanabi/protocol';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { blobEngine } from '../context.ts';
import { Blobs } from '../storage/blobs.ts';
import { type Db, openDbAsItIs } from '../storage/db.ts';
import { checkStorage } from './check-storage.ts';
import { backup, DATA_COMMANDS, restore, resume } from './backups.ts';
import { exportUser } from './export-user.ts';
import { grant } from './grant.ts';
import { rotateSecrets } from './rotate-secrets.ts';
import { USER_COMMANDS, userCommand } from './users.ts';
import { WORKFLOW_COMMANDS, WORKFLOW_OPTIONS, workflowCommand } from './workflows.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const COMMANDS = new Set([
  'storage check',
  'export',
  'secrets rotate',
  'module grant',
  ...DATA_COMMANDS,
  ...USER_COMMANDS,
  ...WORKFLOW_COMMANDS,
]);

export interface Opened {
  config: Config;
  db: Db;
  blobs: Blobs;
}

async function main(argv: readonly string[]): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const options = {
    json: flag,
    revoke: flag,
    user: text,
    out: text,
    enable: flag,
    role: text,
    note: text,
    url: text,
    from: text,
    ...WORKFLOW_OPTIONS,
  };
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const command = positionals.slice(0, 2).join(' ');
  if (!COMMANDS.has(command)) throw new ConfigError(`there is no command "${command}"`);
  const config = readConfig();
  const json = values.json === true;
  if (command === 'restore') return restore(config, { from: values.from, json });
  if (!config.database_url && !existsSync(join(config.data_dir, 'hanabi.db'))) {
    throw new ConfigError(`HANABI_DATA_DIR: there is no data in ${config.data_dir}`);
  }
  const db = await openDbAsItIs(config.data_dir, config.database_url);
  try {
    const opened = { config, db, blobs: new Blobs(join(config.shared_dir, 'blobs'), await blobEngine(config)) };
    if (command === 'module grant') {
      const [, , module = '', permission = ''] = positionals;
      return await grant(opened, { module, permission, user: values.user, revoke: values.revoke === true });
    }
    if (USER_COMMANDS.includes(command)) {
      const { enable = false, role, note, url } = values;
      return await userCommand(opened, positionals.slice(1), { json, enable, role, note, url });
    }
    if (WORKFLOW_COMMANDS.includes(command)) return await workflowCommand(opened, positionals.slice(1), values);
    if (command === 'storage check') return await checkStorage(opened, json);
    if (command === 'secrets rotate') return await rotateSecrets(opened);
    if (command === 'backup') return await backup(opened, { out: values.out, json });
    if (command === 'schedule resume') return await resume(opened, 'schedule', values.user);
    if (command === 'service resume') return await resume(opened, 'service', values.user);
    if (command === 'workflow resume') return await resume(opened, 'workflow', values.user);
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
    const { message } = error as Error;
    console.error(error instanceof HanabiError ? `${error.code}: ${message}` : message);
    process.exitCode = error instanceof ConfigError ? EXIT_USAGE : EXIT_FAILED;
  },
);

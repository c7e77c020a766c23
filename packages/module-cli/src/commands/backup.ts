import { type Command, onlyFolder, UsageError } from '../command.ts';
import { jsonFlag, serverCommand } from '../server-command.ts';

const SETTINGS = 'HANABI_DATA_DIR, HANABI_DATABASE_URL and HANABI_S3_… are those of the server';

export const backup: Command = {
  name: 'backup',
  usage: 'DIR [--json]',
  summary: 'Writes all that a server keeps, as it is at one moment, into a folder.',
  details: [
    ['DIR', 'is made where it is missing, and must be empty'],
    ['--json', 'one JSON object: { ok, made_at, engine, rows, contents: { count, size_bytes } }'],
    ['', `${SETTINGS}, which may be running.`],
  ],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    return serverCommand(['backup', `--out=${onlyFolder(positionals)}`, ...jsonFlag(options)]);
  },
};

export const restore: Command = {
  name: 'restore',
  usage: 'DIR [--json]',
  summary: 'Restores a backup to a place where there is no data yet, on SQLite or PostgreSQL.',
  details: [
    ['DIR', 'what "hanabi backup" wrote'],
    [
      '--json',
      'one JSON object: { ok, rows, contents, schedules_paused, services_paused, workflows_paused, jobs_ended }',
    ],
    ['', `${SETTINGS}, which must not be running.`],
  ],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    return serverCommand(['restore', `--from=${onlyFolder(positionals)}`, ...jsonFlag(options)]);
  },
};

export const scheduleResume = resumeOf('schedule');
export const serviceResume = resumeOf('service');
export const workflowResume = resumeOf('workflow');

function resumeOf(what: 'schedule' | 'service' | 'workflow'): Command {
  return {
    name: `${what} resume`,
    usage: '--all | --user NAME',
    summary: `Lets the ${what}s go on that a restore has paused.`,
    details: [
      ['--all', 'those of everybody'],
      ['--user NAME', 'those of one user'],
    ],
    options: { all: { type: 'boolean' }, user: { type: 'string' } },
    async run({ options, positionals }) {
      const { all, user } = options;
      if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
      if ((all === true) === (typeof user === 'string')) throw new UsageError('--all or --user is needed');
      return serverCommand([what, 'resume', ...(typeof user === 'string' ? [`--user=${user}`] : [])]);
    },
  };
}

import { type Command, UsageError } from '../command.ts';
import { runExecutor } from '../server-command.ts';

export const executor: Command = {
  name: 'executor',
  usage: '',
  summary: 'Works off the queue of jobs beside the servers of one PostgreSQL database.',
  details: [
    [
      '',
      'HANABI_DATABASE_URL names the database, HANABI_SHARED_DIR (or the HANABI_S3_… store) what the servers share,',
    ],
    ['', 'HANABI_DATA_DIR a folder of its own, HANABI_WORKER_… the sandbox. Ends on SIGTERM; what runs is given back.'],
  ],
  options: {},
  async run({ positionals }) {
    if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
    return runExecutor();
  },
};

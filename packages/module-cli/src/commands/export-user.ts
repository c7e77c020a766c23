import { type Command, textOption, UsageError } from '../command.ts';
import { serverCommand } from '../server-command.ts';

export const exportUser: Command = {
  name: 'export',
  usage: '--user NAME --out DIR',
  summary: 'Writes the files of a user as a plain tree of folders and files.',
  details: [
    ['--user NAME', 'whose files; what lies in the Trash is not among them'],
    ['--out DIR', 'is made where it is missing; files there that are the same already are not written again'],
    ['', 'HANABI_DATA_DIR names the data folder (./data when unset); the server may be running.'],
  ],
  options: { user: { type: 'string' }, out: { type: 'string' } },
  async run(args) {
    const [user, out] = [textOption(args, 'user'), textOption(args, 'out')];
    if (args.positionals.length > 0) throw new UsageError(`unexpected "${args.positionals[0]}"`);
    if (!user || !out) throw new UsageError('--user and --out are needed');
    return serverCommand(['export', `--user=${user}`, `--out=${out}`]);
  },
};

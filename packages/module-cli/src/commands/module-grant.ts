import { type Command, textOption, UsageError } from '../command.ts';
import { serverCommand } from '../server-command.ts';

export const moduleGrant: Command = {
  name: 'module grant',
  usage: 'ID PERMISSION [--user NAME] [--revoke]',
  summary: 'Grants a permission that a module of the server declares, such as worker.native, or takes it away.',
  details: [
    ['ID', 'the id of an installed module'],
    ['PERMISSION', 'one that its manifest lists'],
    ['--user NAME', 'for this user only; for everybody when left out'],
    ['--revoke', 'take it away instead'],
    ['', 'HANABI_DATA_DIR names the data folder (./data when unset). A running server knows of it at once.'],
  ],
  options: { user: { type: 'string' }, revoke: { type: 'boolean' } },
  async run(args) {
    const [id, permission, ...more] = args.positionals;
    if (!id || !permission) throw new UsageError('ID and PERMISSION are needed');
    if (more.length > 0) throw new UsageError(`unexpected "${more[0]}"`);
    const user = textOption(args, 'user');
    const revoke = args.options['revoke'] === true ? ['--revoke'] : [];
    return serverCommand(['module', 'grant', id, permission, ...(user ? ['--user', user] : []), ...revoke]);
  },
};

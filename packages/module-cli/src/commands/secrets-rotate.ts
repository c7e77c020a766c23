import { type Command, UsageError } from '../command.ts';
import { serverCommand } from '../server-command.ts';

export const secretsRotate: Command = {
  name: 'secrets rotate',
  usage: '',
  summary: 'Seals the credentials of all connections with a new key.',
  details: [
    ['', 'HANABI_DATA_DIR names the data folder (./data when unset); the server may be running.'],
    ['', 'Where HANABI_SECRET_KEY or HANABI_SECRET_KEY_FILE names keys: with the first of them.'],
  ],
  options: {},
  async run({ positionals }) {
    if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
    return serverCommand(['secrets', 'rotate']);
  },
};

import { type Command, UsageError } from '../command.ts';
import { jsonFlag, serverCommand } from '../server-command.ts';

export const storageCheck: Command = {
  name: 'storage check',
  usage: '[--json]',
  summary: 'Reads every content that a file of the server has and compares it with its checksum.',
  details: [
    ['--json', 'one JSON object: { ok, contents, size_bytes, troubles: [{ sha256, problem, files }], orphans }'],
    ['', 'HANABI_DATA_DIR names the data folder (./data when unset); the server may be running.'],
  ],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
    return serverCommand(['storage', 'check', ...jsonFlag(options)]);
  },
};

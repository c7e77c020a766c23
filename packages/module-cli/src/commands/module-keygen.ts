import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { generateKey } from '@hanabi/module-package';
import { type Command, UsageError } from '../command.ts';
import { EXIT_OK } from '../run-command.ts';

export const moduleKeygen: Command = {
  name: 'module keygen',
  usage: 'FILE [--json]',
  summary: 'Makes the key of a developer. Once a module is signed, only its key can sign the next version.',
  details: [
    ['FILE', 'where the private key goes; keep it out of the module folder, and keep a copy'],
    ['--json', 'one JSON object: { path, public_key }'],
  ],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    const [file, ...more] = positionals;
    if (file === undefined) throw new UsageError('FILE is missing');
    if (more.length > 0) throw new UsageError(`unexpected "${more[0]}"`);
    const path = resolve(file);
    const { private_pem, public_key } = generateKey();
    // Never over a key that is there: what it has signed could not be updated any more.
    await writeFile(path, private_pem, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
      throw new UsageError(`${path}: ${(error as Error).message}`);
    });
    if (options['json']) console.log(JSON.stringify({ path, public_key }, null, 2));
    else console.log(`${path}\nPublic key ${public_key}`);
    return EXIT_OK;
  },
};

import { resolve } from 'node:path';
import { describeProblem, pack } from '@hanabi/module-package';
import { checkPackage } from '../check-package.ts';
import { type Command, onlyFolder, textOption, UsageError } from '../command.ts';
import { EXIT_FAILED, EXIT_OK } from '../run-command.ts';
import { readKey } from '../signing-key.ts';

export const modulePack: Command = {
  name: 'module pack',
  usage: 'DIR [--out FILE] [--key FILE] [--backend BACKEND] [--json]',
  summary: 'Checks a module and makes its package: the same files give the same bytes on every machine.',
  details: [
    ['DIR', 'the folder that holds hanabi.module.json'],
    ['--out FILE', 'the package; ./ID-VERSION.zip when left out'],
    ['--key FILE', 'signs it with this key of "hanabi module keygen"'],
    ['--backend BACKEND', 'the sandbox that looks at Python files: bubblewrap, container or disabled'],
    ['--json', 'one JSON object: { ok, path, sha256, size_bytes, files, content_sha256 } or { ok, problems }'],
  ],
  options: {
    out: { type: 'string' },
    key: { type: 'string' },
    backend: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(args) {
    const dir = onlyFolder(args.positionals);
    const json = args.options['json'] === true;
    const key = await readKey(textOption(args, 'key'));
    const { report, is_file } = await checkPackage(dir, textOption(args, 'backend'));
    if (is_file) throw new UsageError(`${dir} is not a folder`);
    // A signature that no longer fits is about to be replaced.
    const problems = report.problems.filter((problem) => !(key && 'code' in problem && problem.code === 'HANABI-V020'));
    const ok = !problems.some(({ severity }) => severity === 'error');
    if (!json) for (const problem of problems) console.error(describeProblem(problem));
    if (!ok || !report.manifest) {
      if (json) console.log(JSON.stringify({ ok: false, problems }, null, 2));
      return EXIT_FAILED;
    }
    const { id, version } = report.manifest;
    const path = resolve(textOption(args, 'out') ?? `${id}-${version}.zip`);
    const packed = await pack(resolve(dir), path, key);
    if (json) console.log(JSON.stringify({ ok, path, ...packed, problems }, null, 2));
    else console.log(`${path} (${packed.files} files, ${packed.size_bytes} bytes)\nSHA-256 ${packed.sha256}`);
    return EXIT_OK;
  },
};

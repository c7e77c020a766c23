import { describeProblem } from '@hanabi/module-package';
import { checkPackage } from '../check-package.ts';
import { type Command, onlyFolder, textOption } from '../command.ts';
import { EXIT_FAILED, EXIT_OK } from '../run-command.ts';

export const moduleValidate: Command = {
  name: 'module validate',
  usage: 'DIR [--backend BACKEND] [--json]',
  summary: 'Checks a module as the server does: what refuses it, and what a reviewer would ask about.',
  details: [
    ['DIR', 'the folder that holds hanabi.module.json, or a package file'],
    ['--backend BACKEND', 'the sandbox that looks at Python files: bubblewrap, container or disabled'],
    ['--json', 'one JSON object: { ok, problems: [{ severity, code or rule, path, line, message }], … }'],
  ],
  options: { backend: { type: 'string' }, json: { type: 'boolean' } },
  async run(args) {
    const { report } = await checkPackage(onlyFolder(args.positionals), textOption(args, 'backend'));
    const { ok, manifest, problems, content_sha256, public_key } = report;
    if (args.options['json']) {
      const files = report.files.length;
      const module = manifest ? { id: manifest.id, version: manifest.version } : null;
      const more = { module, files, content_sha256: content_sha256 ?? null, signed_by: public_key ?? null };
      console.log(JSON.stringify({ ok, problems, ...more }, null, 2));
    } else {
      for (const problem of problems) console.error(describeProblem(problem));
      if (ok)
        console.log(`${manifest?.name} ${manifest?.version} is valid${public_key ? `, signed by ${public_key}` : ''}.`);
    }
    return ok ? EXIT_OK : EXIT_FAILED;
  },
};

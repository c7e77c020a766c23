import { type Command, onlyFolder } from '../command.ts';
import { describeProblem, readModule } from '../read-module.ts';
import { EXIT_FAILED, EXIT_OK } from '../run-command.ts';

export const moduleValidate: Command = {
  name: 'module validate',
  usage: 'DIR [--json]',
  summary: 'Checks the manifest of a module and that its entry points exist, as the server does.',
  details: [
    ['DIR', 'the folder that holds hanabi.module.json'],
    ['--json', 'one JSON object: { ok, problems: [{ code, path, message }] }'],
  ],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    const { manifest, problems } = await readModule(onlyFolder(positionals));
    const ok = problems.length === 0;
    if (options['json']) console.log(JSON.stringify({ ok, problems }, null, 2));
    else if (ok) console.log(`${manifest?.name} ${manifest?.version} is valid.`);
    else for (const problem of problems) console.error(describeProblem(problem));
    return ok ? EXIT_OK : EXIT_FAILED;
  },
};

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MANIFEST_FILE, validateManifest } from '@hanabi/protocol';
import { type Command, onlyFolder, textOption, UsageError } from '../command.ts';
import { EXIT_OK } from '../run-command.ts';
import { manifestTemplate, pageTemplate, WORKER_TEMPLATE } from '../templates.ts';

export const moduleInit: Command = {
  name: 'module init',
  usage: 'DIR [--name NAME] [--worker]',
  summary: 'Writes a small module that works: a manifest, a page, and with --worker a Python worker.',
  details: [
    ['DIR', 'a folder that is empty or not there yet; its name becomes the id of the module'],
    ['--name NAME', 'what people read'],
    ['--worker', 'add worker/main.py and a button that runs it'],
  ],
  options: { name: { type: 'string' }, worker: { type: 'boolean' } },
  async run(args) {
    const folder = resolve(onlyFolder(args.positionals));
    const taken = await readdir(folder).catch(() => []);
    if (taken.length > 0) throw new UsageError(`${folder} is not empty`);
    const withWorker = args.options['worker'] === true;
    const id = slug(basename(folder));
    const manifest = manifestTemplate(id, textOption(args, 'name') ?? titleOf(id), withWorker);
    const { problems } = validateManifest(manifest);
    if (problems[0]) throw new UsageError(`${problems[0].path} ${problems[0].message}`);

    const files = {
      [MANIFEST_FILE]: `${JSON.stringify(manifest, null, 2)}\n`,
      'ui/index.html': pageTemplate(manifest.name, withWorker),
      ...(withWorker ? { 'worker/main.py': WORKER_TEMPLATE } : {}),
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text, { flag: 'wx' });
      console.log(join(folder, path));
    }
    return EXIT_OK;
  },
};

function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const id = plain
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64)
    .replace(/-$/, '');
  return id.length >= 3 ? id : `module-${id || 'new'}`;
}

function titleOf(id: string): string {
  return id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

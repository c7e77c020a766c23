import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MANIFEST_FILE, validateManifest } from '@hanabi/protocol';
import { type Arguments, type Command, onlyFolder, textOption, UsageError } from '../command.ts';
import { EXIT_OK } from '../run-command.ts';
import { pageTemplate } from '../template-pages.ts';
import { manifestTemplate, programFiles, type Template, TEMPLATES } from '../templates.ts';

export const moduleInit: Command = {
  name: 'module init',
  usage: 'DIR [--name NAME] [--template TEMPLATE]',
  summary: 'Writes a small module that works: a manifest, a page, and the Python of its worker, service or workflow.',
  details: [
    ['DIR', 'a folder that is empty or not there yet; its name becomes the id of the module'],
    ['--name NAME', 'what people read'],
    [
      '--template TEMPLATE',
      'ui: a page (when left out); worker: a worker and a button; ui+worker: also a choice for it; service: a program that goes on; workflow: one that waits for days and survives restarts',
    ],
    ['--worker', 'short for --template worker'],
  ],
  options: { name: { type: 'string' }, template: { type: 'string' }, worker: { type: 'boolean' } },
  async run(args) {
    const folder = resolve(onlyFolder(args.positionals));
    const taken = await readdir(folder).catch(() => []);
    if (taken.length > 0) throw new UsageError(`${folder} is not empty`);
    const template = chosenTemplate(args);
    const id = slug(basename(folder));
    const manifest = manifestTemplate(id, textOption(args, 'name') ?? titleOf(id), template);
    const { problems } = validateManifest(manifest);
    if (problems[0]) throw new UsageError(`${problems[0].path} ${problems[0].message}`);

    const files = {
      [MANIFEST_FILE]: `${JSON.stringify(manifest, null, 2)}\n`,
      'ui/index.html': pageTemplate(manifest.name, template),
      ...programFiles(template),
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text, { flag: 'wx' });
      console.log(join(folder, path));
    }
    return EXIT_OK;
  },
};

function chosenTemplate(args: Arguments): Template {
  const asked = textOption(args, 'template');
  if (asked === undefined) return args.options['worker'] === true ? 'worker' : 'ui';
  const template = TEMPLATES.find((name) => name === asked);
  if (!template) throw new UsageError(`--template is one of ${TEMPLATES.join(', ')}`);
  return template;
}

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

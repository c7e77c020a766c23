/** The kinds of new modules: what their manifests say, and the files beside the page. */
import { MANIFEST_SCHEMA_VERSION, type ManifestInput, type Permission } from '@hanabi/protocol';
import { SERVICE, WORKER, WORKFLOW } from './template-programs.ts';

export const TEMPLATES = ['ui', 'worker', 'ui+worker', 'service', 'workflow'] as const;
export type Template = (typeof TEMPLATES)[number];

interface Program {
  /** Which entry point its file is. */
  profile: 'worker' | 'service' | 'workflow';
  permissions: Permission[];
  source: string;
  more?: Partial<ManifestInput>;
  files?: Record<string, string>;
}

const JOBS: Program = {
  profile: 'worker',
  permissions: ['files.read', 'jobs.create', 'jobs.emit_progress', 'worker.execute'],
  source: WORKER,
  // A reviewer runs the worker on what lies here.
  files: { 'tests/sample-inputs/lanterns.txt': 'Three lanterns\nover the river\n' },
};

const PROGRAMS: Record<Template, Program | undefined> = {
  ui: undefined,
  worker: JOBS,
  'ui+worker': JOBS,
  service: {
    profile: 'service',
    permissions: ['worker.service'],
    source: SERVICE,
    more: { worker: { service: { tick_interval: 60 } } },
  },
  workflow: { profile: 'workflow', permissions: ['worker.workflow'], source: WORKFLOW },
};

export function manifestTemplate(id: string, name: string, template: Template): ManifestInput {
  const program = PROGRAMS[template];
  return {
    schema_version: MANIFEST_SCHEMA_VERSION,
    id,
    name,
    version: '0.1.0',
    summary: `What ${name} is for, in one sentence.`,
    entrypoints: { ui: 'ui/index.html', ...(program && { [program.profile]: fileOf(program) }) },
    permissions: program?.permissions ?? [],
    ...(program && { dependencies: { runtimes: [{ name: 'python', version: '>=3.11' }] } }),
    ...program?.more,
  };
}

/** Everything but the manifest and the page, by path. */
export function programFiles(template: Template): Record<string, string> {
  const program = PROGRAMS[template];
  return program ? { [fileOf(program)]: program.source, ...program.files } : {};
}

function fileOf({ profile }: Program): string {
  return `${profile}/main.py`;
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describeProblem, pack, type PackageProblem } from '@hanabi/module-package';
import {
  DESKTOP_PATHS,
  type ErrorBody,
  HanabiError,
  type ModuleVersion,
  type UploadedPackage,
  type WorkflowCheck,
  type WorkflowCheckLine,
  type WorkflowVerdict,
} from '@hanabi/protocol';
import { checkPackage } from '../check-package.ts';
import { type Arguments, type Command, onlyFolder, textOption, UsageError } from '../command.ts';
import { EXIT_FAILED, EXIT_OK } from '../run-command.ts';
import { readKey } from '../signing-key.ts';

export const modulePublish: Command = {
  name: 'module publish',
  usage: 'DIR [--server URL] [--try-workflows] [--submit] [--note TEXT] [--key FILE] [--backend BACKEND] [--json]',
  summary: 'Checks a module, sends its package to a server as a draft, and with --submit on to its review.',
  details: [
    ['DIR', 'the folder that holds hanabi.module.json, or a package file'],
    ['--server URL', 'such as https://desktop.example; HANABI_SERVER when left out'],
    [
      '--try-workflows',
      'play your own workflows of the module again with it; submit nothing that would break a running one',
    ],
    ['--submit', 'ask for a review at once; an update that asks for nothing new may go live by that'],
    ['--note TEXT', 'for the reviewer'],
    ['--key FILE', 'signs the package with this key of "hanabi module keygen"'],
    ['--backend BACKEND', 'the sandbox that looks at Python files: bubblewrap, container or disabled'],
    ['--json', 'one JSON object: { ok, version, state, findings, workflows, left_out } or { ok, findings or error }'],
    ['', 'HANABI_PUBLISH_KEY holds a key that the Developer Portal has made; it opens nothing but this.'],
  ],
  options: {
    server: { type: 'string' },
    'try-workflows': { type: 'boolean' },
    submit: { type: 'boolean' },
    note: { type: 'string' },
    key: { type: 'string' },
    backend: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(args) {
    const json = args.options['json'] === true;
    const server = readServer(args);
    const key = await readKey(textOption(args, 'key'));
    const source = onlyFolder(args.positionals);
    const { report, is_file } = await checkPackage(source, textOption(args, 'backend'));
    if (is_file && key !== undefined) throw new UsageError('--key: a package file is signed when it is packed');
    const local = report.problems.filter((problem) => !(key && 'code' in problem && problem.code === 'HANABI-V020'));
    if (local.some(({ severity }) => severity === 'error')) return refused(local, json);
    try {
      const bytes = is_file ? await readFile(source) : await packed(source, key);
      const { version, findings } = await server.upload(bytes);
      if (!version) return refused(findings as PackageProblem[], json);
      const { workflows, summary } =
        args.options['try-workflows'] === true ? await server.tryWorkflows(version) : UNASKED;
      const left = summary ? { left_out: summary.left_out } : {};
      // One that has ended is not gone on with, so the code for it may go.
      const ok = workflows.every(({ result, is_open }) => result !== 'breaks' || !is_open);
      const submits = ok && args.options['submit'] === true;
      const state = submits ? await server.submit(version, textOption(args, 'note')) : 'draft';
      if (json) console.log(JSON.stringify({ ok, version, state, findings, workflows, ...left }, null, 2));
      else tell(version, state, findings as PackageProblem[], { workflows, summary });
      return ok ? EXIT_OK : EXIT_FAILED;
    } catch (error) {
      if (!(error instanceof HanabiError) || !json) throw error;
      console.log(JSON.stringify({ ok: false, error: error.toBody() }, null, 2));
      return EXIT_FAILED;
    }
  },
};

function refused(problems: readonly PackageProblem[], json: boolean): number {
  if (json) console.log(JSON.stringify({ ok: false, findings: problems }, null, 2));
  else for (const problem of problems) console.error(describeProblem(problem));
  return EXIT_FAILED;
}

function tell(
  version: ModuleVersion,
  state: string,
  findings: readonly PackageProblem[],
  { workflows, summary }: Tried,
): void {
  for (const problem of findings) console.error(describeProblem(problem));
  const told = workflows.filter(({ result }) => result !== 'fits');
  for (const verdict of told) console.error(describeVerdict(verdict));
  if (summary) console.error(describeSummary(summary));
  const name = `${version.name} ${version.version}`;
  const said = {
    draft: 'is a draft; submit it in the Developer Portal',
    submitted: 'waits for its review',
    live: 'is live',
  };
  console.log(`${name} ${Object.hasOwn(said, state) ? said[state as keyof typeof said] : state}.`);
  console.log(`SHA-256 ${version.package_sha256}`);
  if (state === 'draft') for (const reason of version.review_reasons) console.log(`Needs a review: ${reason}`);
}

/** How much of it says something. */
function describeSummary({ fits, breaks, breaks_open, untried, left_out }: WorkflowCheck): string {
  const ended = breaks > breaks_open ? ` (of them ended: ${breaks - breaks_open})` : '';
  const tried = `${fits + breaks} of your workflows were tried: ${fits} fit, ${breaks} would break${ended}`;
  return untried + left_out > 0
    ? `${tried}. ${untried + left_out} were not tried: ${untried} could not be, ${left_out} are more than are tried at a time`
    : tried;
}

/** As a compiler says it: where, and what. */
function describeVerdict({ id, run_id, is_open, result, place, apart, failure, error }: WorkflowVerdict): string {
  const where = place ? `${place.path}:${place.line}: ` : '';
  const parts =
    apart && `history has ${apart.history} (event ${apart.event_id ?? '-'}), but the code did ${apart.code}`;
  const why = parts ?? (failure ? `the code fails with ${failure}` : (error?.message ?? ''));
  const said = result === 'breaks' ? 'would break' : 'could not be tried';
  const name = `workflow ${id ?? run_id}${is_open ? '' : ', which has ended,'}`;
  return `${where}${name} ${said}${why ? `: ${why}` : ''}`;
}

async function packed(dir: string, key: string | undefined): Promise<Buffer> {
  const scratch = await mkdtemp(join(tmpdir(), 'hanabi-publish-'));
  try {
    await pack(resolve(dir), join(scratch, 'package.zip'), key);
    return await readFile(join(scratch, 'package.zip'));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Server {
  upload(bytes: Uint8Array): Promise<UploadedPackage>;
  submit(version: ModuleVersion, note: string | undefined): Promise<string>;
  tryWorkflows(version: ModuleVersion): Promise<Tried>;
}

/** What became of the developer's own workflows; no summary where nobody asked. */
interface Tried {
  readonly workflows: readonly WorkflowVerdict[];
  readonly summary?: WorkflowCheck;
}

const UNASKED: Tried = { workflows: [] };

function readServer(args: Arguments): Server {
  const text = textOption(args, 'server') ?? process.env['HANABI_SERVER'];
  if (!text) throw new UsageError('--server is missing, and HANABI_SERVER is not set');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`"${text}" is no address of a server`);
  const key = process.env['HANABI_PUBLISH_KEY'];
  if (!key) throw new UsageError('HANABI_PUBLISH_KEY is not set; the Developer Portal of the server makes one');
  const request = async (path: string, type: string, body: Uint8Array | string): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    // A redirect would carry the key to wherever it leads.
    const init: RequestInit = { method: 'POST', headers, body, redirect: 'error' };
    const response = await fetch(new URL(path, url.origin), init).catch((cause: unknown) => {
      throw new HanabiError('HANABI-V011', url.origin, { cause });
    });
    if (response.ok) return response;
    const { error } = (await response.json().catch(() => ({}))) as { error?: ErrorBody };
    throw error ? HanabiError.fromBody(error) : new HanabiError('HANABI-V011', `it said ${response.status}`);
  };
  const send = async <T>(path: string, type: string, body: Uint8Array | string): Promise<T> =>
    (await (await request(path, type, body)).json().catch((cause: unknown) => {
      throw new HanabiError('HANABI-V011', 'it does not answer in JSON', { cause });
    })) as T;
  const { portal } = DESKTOP_PATHS;
  return {
    upload: (bytes) => send(`${portal}/packages`, 'application/zip', bytes),
    submit: async ({ module_id, version }, note = '') => {
      const path = `${portal}/modules/${module_id}/versions/${version}/submit`;
      return (await send<{ state: string }>(path, 'application/json', JSON.stringify({ note }))).state;
    },
    tryWorkflows: async ({ module_id, version }) => {
      const path = `${portal}/modules/${module_id}/versions/${version}/workflows`;
      return verdictsIn(await (await request(path, 'application/json', '{}')).text());
    },
  };
}

/** Of an answer in NDJSON, which says at its end that it is whole. */
function verdictsIn(text: string): Tried {
  const lines = text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as WorkflowCheckLine] : []));
  const last = lines.at(-1);
  if (last?.kind === 'failed') throw HanabiError.fromBody(last.error);
  if (last?.kind !== 'done') throw new HanabiError('HANABI-V011', 'the answer broke off');
  const workflows = lines.flatMap((line) => (line.kind === 'verdict' ? [line.verdict] : []));
  return { workflows, summary: last.summary };
}

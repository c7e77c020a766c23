import { chmod, copyFile, mkdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ERRORS, HanabiError, type Manifest, type TierLimits } from '@hanabi/protocol';
import type { JobResult, JobSpec, NetworkPolicy } from '@hanabi/sandbox';
import { allowedNetwork, describeFetch } from '../allowed-network.ts';
import { type Arguments, type Command, onlyFolder, textOption, UsageError } from '../command.ts';
import { type ProgressBar, progressBar } from '../progress-bar.ts';
import { describeProblem, readModule } from '../read-module.ts';
import { EXIT_FAILED, EXIT_OK } from '../run-command.ts';
import { defaultCache, prepareLayer } from '../prepare-layer.ts';
import { withSandbox } from '../with-sandbox.ts';
import { workerTiers } from '../worker-tiers.ts';

const OUT_FOLDER = 'out';

export const moduleRun: Command = {
  name: 'module run',
  usage:
    'DIR [--input FILE…] [--options JSON] [--out DIR] [--tier TIER] [--backend BACKEND] [--cache DIR] [--allow-network [--allow-private ORIGIN…]] [--json]',
  summary: 'Runs the worker of a module in the same sandbox that the server uses.',
  details: [
    ['DIR', 'the folder that holds hanabi.module.json'],
    ['--input FILE…', 'input files; one or more after each --input'],
    ['--options JSON', 'the options object that run receives; {} when left out'],
    ['--out DIR', `where the outputs go, replacing files of the same name; ./${OUT_FOLDER} when left out`],
    ['--tier TIER', 'limits of that tier, whatever the manifest says; "hanabi tier list" shows them'],
    ['--backend BACKEND', 'the sandbox: bubblewrap, container or disabled'],
    ['--cache DIR', 'where the Python libraries that it declares are kept; ~/.cache/hanabi when left out'],
    ['--allow-network', 'approves the network that the manifest asks for; without it ctx.fetch is refused'],
    ['--allow-private ORIGIN…', 'of these, such as http://localhost:8000, may lead to private addresses'],
    ['--json', 'one JSON object on stdout: { ok, outputs, usage, log } or { ok, error }'],
    ['', 'HANABI_WORKER_SANDBOX_BACKEND chooses the sandbox where --backend does not: bubblewrap when unset.'],
  ],
  options: {
    input: { type: 'string', multiple: true },
    options: { type: 'string' },
    out: { type: 'string' },
    tier: { type: 'string' },
    backend: { type: 'string' },
    cache: { type: 'string' },
    'allow-network': { type: 'boolean' },
    'allow-private': { type: 'string', multiple: true },
    json: { type: 'boolean' },
  },
  async run(args) {
    const order = await readOrder(args);
    const bar = progressBar(process.stderr);
    try {
      const { result, files } = await execute(order, bar);
      if (order.json) printJson({ ok: true, outputs: files, usage: result.usage, log: result.log });
      else printResult(files, result);
      return EXIT_OK;
    } catch (error) {
      bar.clear();
      if (!(error instanceof HanabiError)) throw error;
      if (order.json) printJson({ ok: false, error: { ...error.toBody(), fix: ERRORS[error.code].fix } });
      else printFailure(error);
      return EXIT_FAILED;
    }
  },
};

interface Order {
  folder: string;
  manifest: Manifest;
  inputs: JobSpec['inputs'];
  options: Record<string, unknown>;
  out: string;
  limits: TierLimits;
  backend: string | undefined;
  /** Folder of what can be had again. */
  cache: string;
  network: NetworkPolicy | undefined;
  json: boolean;
}

interface WrittenFile {
  name: string;
  path: string;
  size_bytes: number;
  sha256: string;
}

async function readOrder(args: Arguments): Promise<Order> {
  const { folder, manifest, problems } = await readModule(onlyFolder(args.positionals));
  if (!manifest || problems.length > 0) {
    throw new HanabiError('HANABI-V005', problems.map(describeProblem).join('; '));
  }
  return {
    folder,
    manifest,
    inputs: await Promise.all((args.lists['input'] ?? []).map(readInput)),
    options: readOptions(textOption(args, 'options') ?? '{}'),
    out: resolve(textOption(args, 'out') ?? OUT_FOLDER),
    limits: readLimits(textOption(args, 'tier') ?? manifest.worker.tier),
    backend: textOption(args, 'backend'),
    cache: resolve(textOption(args, 'cache') ?? defaultCache()),
    network: allowedNetwork(args, manifest),
    json: args.options['json'] === true,
  };
}

async function readInput(path: string): Promise<{ name: string; path: string }> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`there is no file ${path}`);
  return { name: basename(path), path: resolve(path) };
}

function readOptions(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--options is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('--options is a JSON object, such as {"size_px": 256}');
  }
  return value as Record<string, unknown>;
}

function readLimits(name: string): TierLimits {
  const tiers = workerTiers();
  const limits = Object.hasOwn(tiers, name) ? tiers[name] : undefined;
  if (!limits) throw new UsageError(`--tier is one of ${Object.keys(tiers).join(', ')}`);
  return limits;
}

async function execute(order: Order, bar: ProgressBar): Promise<{ result: JobResult; files: WrittenFile[] }> {
  const { folder: module_dir, manifest, inputs, options, limits, network } = order;
  const entry = manifest.entrypoints.worker;
  if (!entry) throw new HanabiError('HANABI-W001');
  // Whoever runs it on their own machine is its administrator.
  const native = manifest.permissions.includes('worker.native');
  const spec: JobSpec = { id: 'job', module_dir, entry, inputs, options, limits, libraries: false, native, network };
  return withSandbox(order.backend, async (sandbox, signal) => {
    // A sandbox that is not ready says so when it is asked.
    const { ready } = await sandbox.status();
    const layer_dir = ready ? await prepareLayer(manifest.dependencies.python, order.cache, signal) : undefined;
    const job = sandbox.runJob({ ...spec, layer_dir }, signal);
    for (;;) {
      const step = await job.next();
      if (step.done) {
        bar.clear();
        return { result: step.value, files: await writeOutputs(step.value, order.out) };
      }
      const event = step.value;
      if (event.kind === 'progress') bar.show(event.pct, event.message);
      if (event.kind === 'fetched' && !order.json) {
        bar.clear();
        console.error(describeFetch(event));
      }
      if (event.kind === 'output' && !order.json) {
        bar.clear();
        process.stdout.write(Buffer.from(event.chunk, event.encoding === 'text' ? 'utf8' : 'base64'));
      }
    }
  });
}

async function writeOutputs({ outputs }: JobResult, out: string): Promise<WrittenFile[]> {
  if (outputs.length > 0) await mkdir(out, { recursive: true });
  const files: WrittenFile[] = [];
  for (const { name, path, size_bytes, sha256 } of outputs) {
    const target = join(out, name);
    await copyFile(path, target);
    // The sandbox keeps its outputs to itself; these are the author's, as if any program had written them.
    await chmod(target, 0o666 & ~process.umask());
    files.push({ name, path: target, size_bytes, sha256 });
  }
  return files;
}

function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

function printResult(files: WrittenFile[], { log, usage }: JobResult): void {
  if (log) process.stderr.write(`${log.trimEnd()}\n`);
  for (const { path, size_bytes } of files) console.log(`${path} (${size_bytes} bytes)`);
  const memory = usage.memory_bytes_peak === null ? '' : `, ${Math.ceil(usage.memory_bytes_peak / 1024 / 1024)} MiB`;
  const cpu = usage.cpu_ms === null ? '' : `, ${Math.round(usage.cpu_ms)} ms of processor time`;
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  console.error(`Done in ${Math.round(usage.wall_ms)} ms${cpu}${memory}: ${count}.`);
}

function printFailure(error: HanabiError): void {
  if (error.log) process.stderr.write(`${error.log.trimEnd()}\n`);
  console.error(`${error.code} ${error.message}`);
  console.error(ERRORS[error.code].fix);
}

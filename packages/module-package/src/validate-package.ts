/**
 * The one validator of module packages: for a folder on the command line, and for a package that the server has unpacked.
 * What is valid here is accepted there.
 */
import { readFile } from 'node:fs/promises';
import { HanabiError, LIMITS, type Manifest, MANIFEST_FILE, validateManifest } from '@hanabi/protocol';
import { lookAlike, mixesScripts } from './look-alike.ts';
import { contentProblem, fileProblem, type PackageFile, packageFiles } from './package-files.ts';
import type { PackageError, PackageProblem, PackageWarning } from './problem.ts';
import { scanAddresses } from './scan/scan-addresses.ts';
import { scanLines } from './scan/scan-lines.ts';
import { scanMessages } from './scan/scan-messages.ts';
import { readSource, type SourceFile } from './scan/source-file.ts';
import { contentDigest, type FileDigest, fileDigests, verifySignature } from './signature.ts';
import { parseStrictJson } from './strict-json.ts';

export const SAMPLE_INPUTS = 'tests/sample-inputs';

/**
 * Where a Python file does not parse, or a service (`restricted`) says what services may not say. The check runs in a
 * sandbox, so whoever has one lends it.
 */
export type PythonCheck = (
  files: readonly { path: string; source: string; restricted: boolean }[],
) => Promise<{ ok: true; problems: { path: string; line: number; message: string }[] } | { ok: false; reason: string }>;

export interface ValidateOptions {
  /** Worker tiers that the server knows. */
  tiers: readonly string[];
  /** Modules that are there already: names that look like theirs are refused. */
  others?: readonly { id: string; name: string }[];
  checkPython?: PythonCheck | undefined;
}

export interface PackageReport {
  /** No error is among the problems. */
  ok: boolean;
  manifest: Manifest | undefined;
  problems: PackageProblem[];
  files: FileDigest[];
  content_sha256: string | undefined;
  /** Who signed it, where somebody did. */
  public_key: string | undefined;
}

/** Checks the module folder `dir`. Never throws for what the module's author did. */
export async function validatePackage(dir: string, options: ValidateOptions): Promise<PackageReport> {
  const report: PackageReport = {
    ok: false,
    manifest: undefined,
    problems: [],
    files: [],
    content_sha256: undefined,
    public_key: undefined,
  };
  try {
    const files = await packageFiles(dir);
    report.files = await fileDigests(files);
    await checkFiles(files, options, report);
  } catch (error) {
    if (!(error instanceof HanabiError)) throw error;
    report.problems.push({ severity: 'error', code: error.code, path: '', message: error.message });
  }
  report.ok = !report.problems.some(({ severity }) => severity === 'error');
  const warnings = report.problems.filter(({ severity }) => severity === 'warning');
  if (warnings.length > LIMITS.package_findings_max) {
    const errors = report.problems.filter(({ severity }) => severity === 'error');
    report.problems = [...errors, ...warnings.slice(0, LIMITS.package_findings_max), tooMany(warnings.length)];
  }
  return report;
}

function tooMany(count: number): PackageWarning {
  const message = `${count} findings; only ${LIMITS.package_findings_max} are listed`;
  return { severity: 'warning', rule: 'scan.incomplete', path: '', message };
}

async function checkFiles(files: PackageFile[], options: ValidateOptions, report: PackageReport): Promise<void> {
  report.problems.push(...(await foreignFiles(files)));
  report.content_sha256 = contentDigest(report.files);
  report.manifest = await readManifest(files, options.tiers, report.problems);
  try {
    report.public_key = await verifySignature(files, report.content_sha256);
  } catch (error) {
    if (!(error instanceof HanabiError)) throw error;
    report.problems.push({ severity: 'error', code: error.code, path: '', message: error.message });
  }
  if (!report.manifest) return;
  report.problems.push(
    ...entryProblems(files, report.manifest),
    ...nameProblems(report.manifest, options.others ?? []),
  );
  report.problems.push(...(await pythonProblems(files, report.manifest, options.checkPython)));
  report.problems.push(...(await scan(files, report.manifest)));
}

async function foreignFiles(files: readonly PackageFile[]): Promise<PackageError[]> {
  const found: PackageError[] = [];
  for (const file of files) {
    const message = fileProblem(file.path) ?? (await contentProblem(file));
    if (message) found.push({ severity: 'error', code: 'HANABI-V019', path: file.path, message });
  }
  return found;
}

async function readManifest(
  files: readonly PackageFile[],
  tiers: readonly string[],
  problems: PackageProblem[],
): Promise<Manifest | undefined> {
  const refuse = (message: string): undefined => {
    problems.push({ severity: 'error', code: 'HANABI-V005', path: MANIFEST_FILE, message });
    return undefined;
  };
  const file = files.find(({ path }) => path === MANIFEST_FILE);
  if (!file) {
    const deeper = files.find(({ path }) => path.endsWith(`/${MANIFEST_FILE}`));
    return refuse(deeper ? `it must stand at the root, not at ${deeper.path}` : 'is missing');
  }
  if (file.size_bytes > LIMITS.package_manifest_bytes_max) return refuse('is too long');
  let json: unknown;
  try {
    json = parseStrictJson(await readFile(file.source));
  } catch (error) {
    return refuse((error as Error).message);
  }
  const verdict = validateManifest(json, tiers);
  problems.push(...verdict.problems.map((problem) => ({ severity: 'error' as const, ...problem })));
  return verdict.manifest;
}

function entryProblems(files: readonly PackageFile[], { entrypoints }: Manifest): PackageError[] {
  const paths = new Set(files.map(({ path }) => path));
  const found: PackageError[] = [];
  const refuse = (path: string, message: string) => {
    found.push({ severity: 'error', code: 'HANABI-V021', path, message });
  };
  for (const [name, path] of Object.entries(entrypoints)) {
    if (!paths.has(path.normalize('NFC'))) refuse(`entrypoints.${name}`, `there is no file ${path}`);
    const wanted = name === 'ui' ? /\.html?$/i : /\.py$/;
    if (!wanted.test(path))
      refuse(`entrypoints.${name}`, `${path} is no ${name === 'ui' ? 'HTML page' : 'Python file'}`);
  }
  if (entrypoints.worker && !files.some(({ path }) => path.startsWith(`${SAMPLE_INPUTS}/`))) {
    refuse(SAMPLE_INPUTS, 'a module with a worker brings files that it can be tried on');
  }
  return found;
}

/** What begins like this comes with the desktop. */
const RESERVED_PREFIX = 'hanabi-';

function nameProblems({ id, name }: Manifest, others: readonly { id: string; name: string }[]): PackageProblem[] {
  const found: PackageProblem[] = [];
  const refuse = (path: string, message: string) => {
    found.push({ severity: 'error', code: 'HANABI-V005', path, message });
  };
  if (id.startsWith(RESERVED_PREFIX)) refuse('id', `"${RESERVED_PREFIX}" is reserved`);
  const strangers = others.filter((other) => other.id !== id);
  const likeId = lookAlike(
    id,
    strangers.map((other) => other.id),
  );
  if (likeId !== undefined) refuse('id', `looks like "${likeId}", which is there already`);
  const names = strangers.map((other) => other.name);
  const likeName = names.includes(name) ? name : lookAlike(name, names);
  if (likeName !== undefined) refuse('name', `looks like "${likeName}", which is there already`);
  if (mixesScripts(name)) {
    found.push({
      severity: 'warning',
      rule: 'name.look-alike',
      path: 'name',
      message: 'letters of several scripts in one word',
    });
  }
  return found;
}

async function pythonProblems(
  files: readonly PackageFile[],
  manifest: Manifest,
  check: PythonCheck | undefined,
): Promise<PackageProblem[]> {
  const { service } = manifest.entrypoints;
  const python = files
    .filter(({ path }) => path.endsWith('.py'))
    .map(({ path, source }) => ({ path, source, restricted: path === service?.normalize('NFC') }));
  if (python.length === 0) return [];
  const end = check ? await check(python) : { ok: false as const, reason: 'there is no sandbox' };
  if (end.ok) {
    return end.problems.map((problem) => ({ severity: 'error', code: 'HANABI-V021', ...problem }));
  }
  const message = `Python files were not checked: ${end.reason}`;
  return [{ severity: 'warning', rule: 'scan.incomplete', path: '', message }];
}

async function scan(files: readonly PackageFile[], manifest: Manifest): Promise<PackageWarning[]> {
  const found: PackageWarning[] = [];
  const sources: SourceFile[] = [];
  const paths = new Set(files.map(({ path }) => path));
  for (const file of files) {
    if (mixesScripts(file.path)) {
      const message = 'letters of several scripts in one word';
      found.push({ severity: 'warning', rule: 'name.look-alike', path: file.path, message });
    }
    const source = await readSource(file);
    if (typeof source === 'string') {
      found.push({ severity: 'warning', rule: 'scan.incomplete', path: file.path, message: source });
    } else if (source) {
      sources.push(source);
      found.push(...scanLines(source, manifest), ...scanAddresses(source, manifest, paths));
    }
  }
  return [...found, ...scanMessages(sources, manifest)];
}

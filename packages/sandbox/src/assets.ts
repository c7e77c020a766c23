/**
 * Finds the files of the repository that are not code: the runner and the seccomp programs. This module runs from
 * its sources and from inside a bundle that lies elsewhere, so it walks up to the folder that holds them.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUNNER = join('python', 'hanabi_runner');

export function forkServerFolder(): string {
  return join(repositoryRoot(), 'python', 'hanabi_fork_server');
}

export function runnerFolder(): string {
  return join(repositoryRoot(), RUNNER);
}

/** Programs that find and unpack the Python libraries of modules. */
export function librariesFolder(): string {
  return join(repositoryRoot(), 'python', 'hanabi_libraries');
}

/** The program that looks at the Python files of a package; it needs the runner beside it, whose check it uses. */
export function packageCheck(): { module_dir: string; entry: string } {
  return { module_dir: join(repositoryRoot(), 'python'), entry: 'hanabi_package_check/main.py' };
}

/** What executes workflows; it lies beside the runner in every sandbox. */
export function workflowFolder(): string {
  return join(pythonFolder(), 'hanabi_workflow');
}

/** The folder from which Python imports hanabi_workflow. */
export function pythonFolder(): string {
  return join(repositoryRoot(), 'python');
}

/** The folder in which Temporal's own packages are installed by those who want them. */
export function temporalFolder(): string {
  return join(repositoryRoot(), 'tools', 'temporal');
}

/** The compiled seccomp program of this machine's architecture, or undefined where there is none. */
export function seccompProgram(): string | undefined {
  const names: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64.bpf', arm64: 'aarch64.bpf' };
  const name = names[process.arch];
  return name && join(repositoryRoot(), 'packages', 'sandbox', 'seccomp', name);
}

/** The same rules for container engines, which compile them themselves. */
export function containerSeccompProfile(): string {
  return join(repositoryRoot(), 'packages', 'sandbox', 'seccomp', 'container.json');
}

/** The folder of what worker images are built from. */
export function imageFolder(): string {
  return join(repositoryRoot(), 'packages', 'sandbox', 'image');
}

function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, RUNNER))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no folder above ${import.meta.url} holds ${RUNNER}`);
    folder = parent;
  }
  return folder;
}

import type { ErrorCode } from '@hanabi/protocol';

interface Place {
  /** In the manifest, as "filesystem.folders[0].path", or a file of the package; '' for the package as a whole. */
  path: string;
  /** In a file, from 1. */
  line?: number;
  message: string;
}

/** With one of these a package is refused. */
export interface PackageError extends Place {
  severity: 'error';
  code: ErrorCode;
}

export type WarningRule =
  /** Text is run as code. */
  | 'code.eval'
  /** A reviewer cannot read it. */
  | 'code.minified'
  /** Programs are started, or native code is loaded. */
  | 'code.process'
  /** A message that no row of the table knows. */
  | 'message.unknown'
  /** A message whose permission the manifest does not list. */
  | 'message.undeclared'
  /** A name that looks like another one. */
  | 'name.look-alike'
  /** Something that the frame of a module does not allow. */
  | 'page.blocked'
  /** A file that the package does not hold. */
  | 'page.missing'
  /** A permission that nothing in the package needs. */
  | 'permission.unused'
  /** Something that was not looked at. */
  | 'scan.incomplete'
  /** Characters that hide what the code says. */
  | 'text.invisible'
  /** An address that the manifest does not list. */
  | 'url.remote';

/** For the author and the reviewer to judge; the module is valid all the same. */
export interface PackageWarning extends Place {
  severity: 'warning';
  rule: WarningRule;
}

export type PackageProblem = PackageError | PackageWarning;

/** "HANABI-V021 ui/index.html:12: …" */
export function describeProblem(problem: PackageProblem): string {
  const { path, line, message } = problem;
  const name = problem.severity === 'error' ? problem.code : `warning ${problem.rule}`;
  const place = line === undefined ? path : `${path}:${line}`;
  return `${name} ${place ? `${place}: ` : ''}${message}`;
}

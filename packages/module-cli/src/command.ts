/** What a command of the command line is. */
import type { ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

export interface Arguments {
  options: Record<string, string | boolean | (string | boolean)[] | undefined>;
  positionals: string[];
  /** Options that take several values, in the order of typing; each may be followed by more than one. */
  lists: Record<string, string[]>;
}

export interface Command {
  /** "module run" */
  name: string;
  /** "DIR --input FILE…" */
  usage: string;
  summary: string;
  /** What a person reads after the usage, one line each: `[what, meaning]`. */
  details: readonly (readonly [string, string])[];
  options: Options;
  /** Returns the exit code: 0 it went well, 1 the thing failed. Throws UsageError. */
  run(args: Arguments): Promise<number>;
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** The one folder that a command is about. */
export function onlyFolder(positionals: string[]): string {
  const [folder, ...more] = positionals;
  if (folder === undefined) throw new UsageError('DIR is missing');
  if (more.length > 0) throw new UsageError(`unexpected "${more[0]}"`);
  return folder;
}

export function textOption(args: Arguments, name: string): string | undefined {
  const value = args.options[name];
  return typeof value === 'string' ? value : undefined;
}

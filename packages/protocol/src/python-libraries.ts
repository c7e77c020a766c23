/** How modules name Python libraries, and what the programs that find and unpack them answer to the host. */
import * as z from 'zod';

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const VERSION = '(?:===?|~=|!=|<=|>=|<|>)\\s*[A-Za-z0-9._*+!-]+';
const REQUIREMENT = new RegExp(
  [
    `^${NAME}`,
    `(?:\\s*\\[\\s*${NAME}(?:\\s*,\\s*${NAME})*\\s*\\])?`,
    `(?:\\s*${VERSION}(?:\\s*,\\s*${VERSION})*)?`,
    `\\s*(?:;[A-Za-z0-9_.()'"<>=!~,*+ -]+)?$`,
  ].join(''),
);

/**
 * The part of PEP 508 that names a distribution: name, extras, versions, markers. Addresses, paths and options of pip
 * are not among it.
 */
export function isPythonRequirement(text: string): boolean {
  return text.length <= 200 && REQUIREMENT.test(text);
}

const Refusal = z.strictObject({ ok: z.literal(false), message: z.string().max(10_000) });

/** The sandbox that it comes from has read files of strangers: every field is checked again where it is used. */
export const LibraryResolution = z.discriminatedUnion('ok', [
  Refusal,
  z.strictObject({
    ok: z.literal(true),
    packages: z
      .array(z.strictObject({ name: z.string().max(200), version: z.string().max(200), url: z.string().max(2000) }))
      .max(1000),
    system: z
      .array(
        z.strictObject({
          name: z.string().max(200),
          version: z.string().max(200),
          links: z.array(z.string().max(1000)).max(10_000),
        }),
      )
      .max(1000),
  }),
]);

export const LibraryUnpacking = z.discriminatedUnion('ok', [
  Refusal,
  z.strictObject({ ok: z.literal(true), files: z.number().int().nonnegative() }),
]);

/** What a look at the Python files of a package found: where they do not parse. */
export const PythonProblems = z
  .array(
    z.strictObject({ path: z.string().max(300), line: z.number().int().positive(), message: z.string().max(1000) }),
  )
  .max(10_000);
export type PythonProblems = z.output<typeof PythonProblems>;

/**
 * The rooms of the house and the arrows between them. A path tells who may attack the code in it; what is not drawn
 * here is forbidden.
 */

export interface Room {
  readonly name: string;
  /** Where its files are, below the root. The first room whose place matches a file owns it. */
  readonly at: RegExp;
  /** How the others import it, where they may. */
  readonly as?: string;
  /** Rooms it may import. */
  readonly may: readonly string[];
  /** Rooms of which it may take types, and nothing that is there when it runs. */
  readonly mayTypes?: readonly string[];
  /** Whether it runs in Node.js. Others may not import node: modules. (That they have no DOM is tsc's to see: `lib`.) */
  readonly node?: true;
}

export const ROOMS: readonly Room[] = [
  // What a test needs beside its own room: the client a module uses, so that tests speak the wire.
  { name: 'protocol tests', at: /^packages\/protocol\/test\//, may: ['protocol'], node: true },
  { name: 'module-sdk tests', at: /^packages\/module-sdk\/test\//, may: ['module-sdk', 'protocol'], node: true },
  { name: 'sandbox tests', at: /^packages\/sandbox\/test\//, may: ['sandbox', 'protocol'], node: true },
  {
    name: 'module-package tests',
    at: /^packages\/module-package\/test\//,
    may: ['module-package', 'protocol'],
    node: true,
  },
  {
    name: 'module-cli tests',
    at: /^packages\/module-cli\/test\//,
    may: ['module-cli', 'module-package', 'sandbox', 'protocol'],
    node: true,
  },
  {
    name: 'server tests',
    at: /^apps\/server\/test\//,
    // The small cluster that stands in for Temporal’s is of the sandbox’s tests.
    may: ['server', 'module-api', 'module-package', 'sandbox', 'sandbox tests', 'protocol', 'module-sdk'],
    node: true,
  },
  { name: 'web tests', at: /^apps\/web\/(test\/|[^/]+$)/, may: ['web', 'protocol', 'module-sdk'], node: true },

  { name: 'protocol', at: /^packages\/protocol\//, as: '@hanabi/protocol', may: [] },
  { name: 'module-sdk', at: /^packages\/module-sdk\//, as: '@hanabi/module-sdk', may: [], mayTypes: ['protocol'] },
  { name: 'sandbox', at: /^packages\/sandbox\//, as: '@hanabi/sandbox', may: ['protocol'], node: true },
  {
    name: 'module-package',
    at: /^packages\/module-package\//,
    as: '@hanabi/module-package',
    may: ['protocol'],
    node: true,
  },
  { name: 'module-cli', at: /^packages\/module-cli\//, may: ['protocol', 'module-package', 'sandbox'], node: true },
  {
    name: 'module-api',
    at: /^apps\/server\/src\/module-api\.ts$/,
    as: '@hanabi/server/module-api',
    may: ['server', 'protocol'],
    node: true,
  },
  {
    name: 'server',
    at: /^apps\/server\//,
    as: '@hanabi/server',
    may: ['protocol', 'module-package', 'sandbox', 'module-api'],
    node: true,
  },
  { name: 'web', at: /^apps\/web\//, as: '@hanabi/web', may: ['protocol'] },
  { name: 'modules’ server', at: /^modules\/[^/]+\/server\//, may: ['module-api'], node: true },
  { name: 'modules’ ui', at: /^modules\/[^/]+\//, may: ['module-sdk'] },
  { name: 'examples', at: /^examples\//, may: ['module-sdk'] },
  // Where web and server meet: the whole house, as a person and a hostile module see it.
  { name: 'tests', at: /^tests\//, may: ['protocol', 'module-sdk', 'server tests'], node: true },
  // The benchmarks start the server as its tests do.
  { name: 'tools', at: /^(tools\/|[^/]+$)/, may: ['protocol', 'server tests'], node: true },
];

export function roomOf(file: string): Room | undefined {
  return ROOMS.find((room) => room.at.test(file));
}

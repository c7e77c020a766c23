/** Workflows that a server keeps, from the command line. What the commands do is the server's own. */
import { type Command, textOption, UsageError } from '../command.ts';
import { jsonFlag, serverCommand } from '../server-command.ts';

interface Shape {
  word: string;
  summary: string;
  /** Names of what has to be said, in this order; those in brackets may be left out. */
  takes?: readonly string[];
  /** Options with a text besides those that all have, and what each means. */
  texts?: readonly (readonly [name: string, value: string, meaning: string])[];
  details?: Command['details'];
}

const WHOSE = [
  ['user', 'NAME', 'of this user; needed where several have a workflow of that id'],
  ['module', 'ID', 'of this module; likewise'],
] as const;
const RUN = ['run', 'ID', 'this run of it; the newest when left out'] as const;
const MESSAGE = ['JSON', 'one argument, or a list of them'] as const;

function workflowCommand({ word, summary, takes = [], texts = [], details = [] }: Shape): Command {
  const named = [...texts, ...WHOSE, ...(takes.length > 0 ? [RUN] : [])];
  const fewest = takes.filter((name) => !name.startsWith('[')).length;
  return {
    name: `workflow ${word}`,
    usage: [...takes, ...named.map(([name, value]) => `[--${name} ${value}]`), '[--json]'].join(' '),
    summary,
    details: [
      ...details,
      ...named.map(([name, value, meaning]) => [`--${name} ${value}`, meaning] as const),
      ['--json', 'JSON instead of sentences'],
      ['', 'HANABI_DATA_DIR and HANABI_DATABASE_URL are those of the server. A running one knows of it at once.'],
    ],
    options: {
      json: { type: 'boolean' },
      ...Object.fromEntries(named.map(([name]) => [name, { type: 'string' as const }])),
    },
    async run(args) {
      const { length } = args.positionals;
      if (length < fewest || length > takes.length)
        throw new UsageError(
          takes.length > 0 ? `${takes.join(' ')} is expected` : `unexpected "${args.positionals[0]}"`,
        );
      const values = named.flatMap(([name]) => {
        const value = textOption(args, name);
        return value === undefined ? [] : [`--${name}=${value}`];
      });
      return serverCommand(['workflow', word, ...values, ...jsonFlag(args.options), '--', ...args.positionals]);
    },
  };
}

export const workflowCommands: readonly Command[] = [
  workflowCommand({
    word: 'list',
    summary: 'Lists the durable workflows of a server, the newest first.',
    texts: [
      ['query', 'FILTER', `such as "WorkflowType = 'Approval' AND ExecutionStatus = 'Running'"`],
      ['search', 'TEXT', 'a part of the id, of the name, or of a search attribute or memo'],
      ['limit', 'COUNT', '100 when left out, 500 at most'],
    ],
  }),
  workflowCommand({
    word: 'show',
    summary: 'Shows a workflow: how it is, what it waits for, and its history.',
    takes: ['ID'],
  }),
  workflowCommand({
    word: 'signal',
    summary: 'Sends a signal to a workflow.',
    takes: ['ID', 'NAME', '[JSON]'],
    details: [MESSAGE],
  }),
  workflowCommand({
    word: 'query',
    summary: 'Asks a workflow for something that it knows; a running server answers.',
    takes: ['ID', 'NAME', '[JSON]'],
    details: [MESSAGE],
  }),
  workflowCommand({
    word: 'update',
    summary: 'Has a workflow do something, and waits a while for its answer.',
    takes: ['ID', 'NAME', '[JSON]'],
    details: [MESSAGE],
  }),
  workflowCommand({
    word: 'cancel',
    summary: 'Asks a workflow to end; it may tidy up first.',
    takes: ['ID'],
    texts: [['reason', 'TEXT', 'what its history says of it']],
  }),
  workflowCommand({
    word: 'terminate',
    summary: 'Ends a workflow at once; its code hears nothing of it.',
    takes: ['ID'],
    texts: [['reason', 'TEXT', 'what its history says of it']],
  }),
  workflowCommand({
    word: 'reset',
    summary: 'Has a workflow go on from before an event of its history, as another run.',
    takes: ['ID'],
    texts: [['event', 'NUMBER', 'as "hanabi workflow show" numbers them; needed']],
  }),
];

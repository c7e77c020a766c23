/** Accounts of a server, from the command line. What they do is the server's own. */
import { type Command, textOption, UsageError } from '../command.ts';
import { serverCommand } from '../server-command.ts';

const WHERE = [
  '',
  'HANABI_DATA_DIR names the data folder (./data when unset). A running server knows of it at once.',
] as const;
const LINK = [
  '--url URL',
  'address of the desktop that the link begins with; http://localhost and the port when left out',
] as const;

interface Shape {
  word: string;
  summary: string;
  /** Names of what has to be said, in this order. */
  takes?: readonly string[];
  /** Options with a text, and those that are only there or not. */
  texts?: readonly string[];
  flags?: readonly string[];
  details?: Command['details'];
}

function userCommand({ word, summary, takes = [], texts = [], flags = [], details = [] }: Shape): Command {
  const usage = [
    ...takes,
    ...texts.map((name) => `[--${name} ${name.toUpperCase()}]`),
    ...flags.map((name) => `[--${name}]`),
  ];
  return {
    name: `user ${word}`,
    usage: usage.join(' '),
    summary,
    details: [...details, WHERE],
    options: Object.fromEntries([
      ...texts.map((name) => [name, { type: 'string' as const }]),
      ...flags.map((name) => [name, { type: 'boolean' as const }]),
    ]),
    async run(args) {
      if (args.positionals.length !== takes.length)
        throw new UsageError(`${takes.join(' and ') || 'nothing'} is expected`);
      const values = texts.flatMap((name) => {
        const value = textOption(args, name);
        return value === undefined ? [] : [`--${name}=${value}`];
      });
      const set = flags.filter((name) => args.options[name] === true).map((name) => `--${name}`);
      return serverCommand(['user', word, ...values, ...set, '--', ...args.positionals]);
    },
  };
}

export const userCommands: readonly Command[] = [
  userCommand({ word: 'list', summary: 'Lists the accounts of a server.', flags: ['json'] }),
  userCommand({
    word: 'invite',
    summary: 'Prints a link that makes one account, once, within a week.',
    texts: ['role', 'note', 'url'],
    details: [['--role ROLE', 'user, developer or admin; user when left out'], ['--note NOTE', 'whom it is for'], LINK],
  }),
  userCommand({ word: 'role', summary: 'Gives an account a role: user, developer or admin.', takes: ['NAME', 'ROLE'] }),
  userCommand({
    word: 'disable',
    summary: 'Ends the sessions of an account and lets it begin none.',
    takes: ['NAME'],
    flags: ['enable'],
    details: [['--enable', 'let it sign in again instead']],
  }),
  userCommand({
    word: 'reset-password',
    summary: 'Prints a link that gives an account a new password, once, within a day.',
    takes: ['NAME'],
    texts: ['url'],
    details: [LINK],
  }),
];

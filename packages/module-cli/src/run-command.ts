import { parseArgs } from 'node:util';
import { HanabiError } from '@hanabi/protocol';
import { type Arguments, type Command, UsageError } from './command.ts';

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const EXIT_CODES = 'Exit codes: 0 it went well, 1 the thing failed, 2 called wrongly.';

/** Finds the command, parses its arguments and runs it. Returns the exit code. */
export async function runCommand(commands: readonly Command[], argv: string[]): Promise<number> {
  const command = commands.find(({ name }) => name === argv.slice(0, name.split(' ').length).join(' '));
  if (!command) return explainGroup(commands, argv);
  const rest = argv.slice(command.name.split(' ').length);
  if (asksForHelp(rest)) {
    console.log(helpOf(command));
    return EXIT_OK;
  }
  try {
    return await command.run(parse(command, rest));
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\nUsage: hanabi ${command.name} ${command.usage}`);
      return EXIT_USAGE;
    }
    if (!(error instanceof HanabiError)) throw error;
    console.error(`${error.code} ${error.message}`);
    return EXIT_FAILED;
  }
}

function asksForHelp(argv: string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

function parse({ options }: Command, argv: string[]): Arguments {
  try {
    const { values, tokens } = parseArgs({ args: argv, options, allowPositionals: true, tokens: true });
    const positionals: string[] = [];
    const lists: Record<string, string[]> = {};
    let list: string[] | undefined;
    for (const token of tokens) {
      if (token.kind === 'option') {
        list = options[token.name]?.multiple ? (lists[token.name] ??= []) : undefined;
        if (token.value !== undefined) list?.push(token.value);
      }
      // What a command is about comes first, so the first one never belongs to a list.
      if (token.kind === 'positional') (positionals.length > 0 && list ? list : positionals).push(token.value);
    }
    return { options: values, positionals, lists };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `hanabi`, `hanabi module`, `hanabi --help`, or words that are no command. */
function explainGroup(commands: readonly Command[], argv: string[]): number {
  const words = argv.filter((word) => !word.startsWith('-'));
  const group = commands.filter(({ name }) => words.every((word, index) => name.split(' ')[index] === word));
  const listed = group.length > 0 ? group : commands;
  const text = [
    `Usage: hanabi ${group.length > 0 ? [...words, '…'].join(' ') : '…'}`,
    '',
    ...listed.flatMap(({ name, usage, summary }) => [`  hanabi ${name} ${usage}`, `      ${summary}`]),
    '',
    `Every command knows --help. ${EXIT_CODES}`,
  ].join('\n');
  if (group.length > 0 && asksForHelp(argv)) {
    console.log(text);
    return EXIT_OK;
  }
  console.error(group.length > 0 ? text : `There is no command "${words.join(' ')}".\n${text}`);
  return EXIT_USAGE;
}

function helpOf({ name, usage, summary, details }: Command): string {
  return [`Usage: hanabi ${name} ${usage}`, '', summary, '', ...columns(details), '', EXIT_CODES].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

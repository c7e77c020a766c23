/** Commands that a Markdown file names: the scripts and the words of the command line must exist. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRoot } from '../setup/paths.mjs';
import { SUITES } from '../suites/suites.mjs';
import { fencedBlocks, withoutBlocks } from './fenced-blocks.ts';

const NPM = /\bnpm (?:run ([\w:-]+)|(start|test))(?: -- ([\w-]+))?/g;
const HANABI = /(?:^|\bnpx )hanabi ([a-z]+(?: [a-z]+)?)/gm;

/** One sentence for each command that does not exist. */
export function checkCommands(file: string, markdown: string): string[] {
  const spans = [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
  const blocks = fencedBlocks(markdown).filter(({ language }) => language === 'sh');
  const commands = [...spans, ...blocks.map(({ content }) => content)].join('\n');
  const problems: string[] = [];
  for (const [, script, short, argument] of commands.matchAll(NPM)) {
    const name = script ?? short!;
    if (!scripts().has(name)) problems.push(`${file} names the script "${name}", which package.json has not`);
    if (name === 'test' && argument && !SUITES.some((suite) => suite.name === argument)) {
      problems.push(`${file} names the suite "${argument}", which npm test has not`);
    }
  }
  for (const [, words] of commands.matchAll(HANABI)) {
    if (!cliHelp().includes(`hanabi ${words}`)) {
      problems.push(`${file} names "hanabi ${words}", which the command line has not`);
    }
  }
  return problems;
}

let knownScripts: Set<string> | undefined;

function scripts(): Set<string> {
  const { scripts: all }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(inRoot('package.json'), 'utf8'),
  );
  knownScripts ??= new Set(Object.keys(all));
  return knownScripts;
}

let help: string | undefined;

function cliHelp(): string {
  help ??= execFileSync(process.execPath, [inRoot('packages/module-cli/bin/hanabi.mjs'), '--help'], {
    encoding: 'utf8',
  });
  return help;
}

import { expect, test } from 'vitest';
import { checkLinks } from '../docs/check-links.ts';
import { fencedBlocks } from '../docs/fenced-blocks.ts';
import { runBlocks } from '../docs/run-blocks.ts';

test('a link that leads nowhere is named with its line', () => {
  const markdown = 'One\n[good](package.json) ![bad](no/such.png)\n[out](https://example.org/) [up](../outside.md)\n';
  expect(checkLinks('PAGE.md', markdown)).toEqual([
    'PAGE.md:2 the link "no/such.png" leads nowhere',
    'PAGE.md:3 the link "../outside.md" leads nowhere',
  ]);
});

test('the heading behind a # must exist', () => {
  const [good, bad] = ['[a](docs/reference/errors.md#hanabi-f001)', '[a](docs/reference/errors.md#hanabi-x999)'];
  expect(checkLinks('PAGE.md', good)).toEqual([]);
  expect(checkLinks('PAGE.md', bad)).toHaveLength(1);
});

test('links inside code are no links', () => {
  expect(checkLinks('PAGE.md', '```md\n[x](nowhere.md)\n```\nand `[x](nowhere.md)`\n')).toEqual([]);
});

test('blocks carry their language, what follows it, and their line', () => {
  expect(fencedBlocks('text\n```sh test\nls\n```\n```json file=a/b.json\n{}\n```\n')).toEqual([
    { line: 2, language: 'sh', info: 'test', content: 'ls\n' },
    { line: 5, language: 'json', info: 'file=a/b.json', content: '{}\n' },
  ]);
});

test('an example runs with the files of its page, and one that fails is named', () => {
  const page = '```txt file=in/a.txt\nhello\n```\n\n```sh test\ngrep -q hello in/a.txt\n```\n';
  expect(runBlocks('tools/test/PAGE.md', page)).toEqual({ ran: 1, problems: [] });
  const { problems } = runBlocks('tools/test/PAGE.md', '```sh test\necho reason >&2; false | cat\n```\n');
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('tools/test/PAGE.md:1 this example fails');
  expect(problems[0]).toContain('reason');
});

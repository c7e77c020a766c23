/** The browser keeps a record of every name that it looks up, and none of those that a module's page mentions is on it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, enter, expect, openEvil, takeStage, test } from './house.ts';
import { NAMES } from './module/channels.ts';
import { ordinaryBrowser } from './ordinary-browser.ts';

test('a module’s page has no name looked up', async ({ launchOptions, house, theatre }) => {
  const folder = await mkdtemp(join(tmpdir(), 'hanabi-names-'));
  const record = join(folder, 'record.json');
  const { context, close } = await ordinaryBrowser(launchOptions, `--log-net-log=${record}`);
  const evil = await openEvil(await enter(context, house));
  const stage = await takeStage(context, theatre);
  const names = Object.keys(NAMES);
  for (const [at, name] of names.entries()) await attempt(evil, name, `http://n${at}.evil.test`);
  for (const [at, name] of names.entries()) await attempt(stage, name, `http://n${at}.stage.test`);
  // It is written as it happens, and is whole only after the end.
  const lookedUp = async (by: string) => {
    const text = await readFile(record, 'utf8');
    return names.filter((_, at) => text.includes(`n${at}.${by}.test`));
  };
  await expect.poll(() => lookedUp('stage')).toEqual(names);
  await close();
  expect(await lookedUp('evil')).toEqual([]);
  await rm(folder, { recursive: true });
});

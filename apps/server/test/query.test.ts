import { DESKTOP_PATHS } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { folders, files, search, zip, items } = DESKTOP_PATHS;

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  server = await startServer();
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

it.each([
  ['PUT', `${folders}/root/files?name=a&name=b`],
  ['PUT', `${folders}/root/files?name[]=a&name=b&name=c`],
  ['GET', `${search}?q=a&q=b`],
  ['GET', `${zip}?name=a&name=b&folder=root`],
  ['GET', `${items}/properties?folder_id=root&folder_id=root`],
])('%s %s, with a field that stands there twice, is not valid', async (method, path) => {
  const headers = { cookie: desktop.cookie, 'x-hanabi-csrf': desktop.csrf, 'content-type': 'application/octet-stream' };
  const response = await fetch(server.url + path, { method, headers, ...(method === 'PUT' && { body: 'x' }) });
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ code: 'HANABI-V008', category: 'INVALID' });
});

it('a flag may stand there as often as it likes', async () => {
  const { id } = await desktop.upload('a.txt', 'a');
  expect((await desktop.send('GET', `${files}/${id}/content?inline&inline`)).status).toBe(200);
});

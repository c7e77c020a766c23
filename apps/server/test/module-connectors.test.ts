/** Which connections of its users a module wants to use: said to reviewers and users, and asked anew when it is more. */
import { type Connections, DESKTOP_PATHS, type ModuleSummary, type ReviewCase } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import type { ModuleWish } from './harness/make-module.ts';
import { ask, developers, install, packageOf, publish, storeOf, submit, upload } from './harness/publishing.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let admin: Desktop;
let dora: Desktop;
let ada: Desktop;

beforeAll(async () => {
  server = await startServer({ users: ['ada'], prepare: developers('dora') });
  admin = await Desktop.signIn(server.url);
  dora = await Desktop.signIn(server.url, 'dora', 'dora');
  ada = await Desktop.signIn(server.url, 'ada', 'ada');
});
afterAll(() => server.stop());

const told = (version: string, connectors: Connections['modules'][number]['connectors']): ModuleWish => ({
  id: 'letters',
  permissions: ['worker.service'],
  files: { 'service/main.py': 'def tick(ctx):\n    pass\n' },
  manifest: {
    version,
    entrypoints: { ui: 'ui/index.html', service: 'service/main.py' },
    dependencies: { connectors },
  },
});

it('names them, and waits for the reviewer and each user where it wants more of them', async () => {
  await publish(dora, admin, told('1.0.0', ['telegram', 'telegram']), { permissions: ['worker.service'] });
  expect(await storeOf(ada)).toMatchObject([{ connectors: ['telegram'], added_connectors: [] }]);
  await install(ada, 'letters');
  const { body } = await ask<{ modules: ModuleSummary[] }>(ada, 'GET', DESKTOP_PATHS.modules);
  expect(body.modules.find(({ id }) => id === 'letters')).toMatchObject({ connectors: ['telegram'] });

  const more = told('1.1.0', ['telegram', 'bybit']);
  const { version } = (await upload(dora, await packageOf(more))).body;
  expect(version).toMatchObject({
    connectors: ['telegram', 'bybit'],
    review_reasons: ['It wants to use connections of its users: Bybit.'],
  });
  expect((await submit(dora, 'letters', '1.1.0')).body).toEqual({ state: 'submitted' });
  const review = await ask<ReviewCase>(admin, 'GET', `${DESKTOP_PATHS.review}/letters/versions/1.1.0`);
  expect(review.body).toMatchObject({ added_permissions: [], added_connectors: ['bybit'] });
  const decision = { decision: 'approve', permissions: ['worker.service'] };
  const decided = await ask(admin, 'POST', `${DESKTOP_PATHS.review}/letters/versions/1.1.0/decision`, decision);
  expect(decided.status).toBe(204);
  expect(await storeOf(ada)).toMatchObject([
    { version: '1.1.0', installed: '1.0.0', added_permissions: [], added_connectors: ['bybit'] },
  ]);
});

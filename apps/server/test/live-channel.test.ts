/** The live channel: who may open it, what travels over it, and how it ends. */
import { request } from 'node:http';
import {
  type Launch,
  LIMITS,
  LIVE_CLOSED,
  LIVE_PROTOCOL,
  LIVE_TOKEN_PREFIX,
  type LiveMessage,
  type Permission,
} from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { type Handshake, LiveClient } from './harness/live-client.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const TALKS = `
import time
def run(inputs, options):
    for number in range(int(options.get("events", 3))):
        yield {"output": "step " + str(number)}
    time.sleep(float(options.get("seconds", 0)))
    return {"out.txt": "done"}
`;
const ALL: Permission[] = [
  'files.read',
  'files.write',
  'data.store',
  'settings.self',
  'jobs.create',
  'jobs.emit_progress',
  'worker.execute',
];

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'talks', permissions: ALL, worker: TALKS }),
    await makeModule({ id: 'modest', permissions: [] }),
  ];
  server = await startServer({
    users: ['other'],
    env: { HANABI_MODULE_DIRS: dirs.join(':'), HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' },
  });
  desktop = await Desktop.signIn(server.url);
  launch = await desktop.launch('talks');
});
afterAll(() => server.stop());

/** The channel works for exactly as long as `use` takes. */
async function withChannel<T>(use: (client: LiveClient) => Promise<T>, who = desktop): Promise<T> {
  const client = await LiveClient.open(who);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

const lastState = async () => {
  const { jobs } = (await desktop.ask(launch, 'HANABI_LIST_JOBS')).data as { jobs: { state: string }[] };
  return jobs[0]?.state;
};
const begun = (client: LiveClient) => client.find(({ op }) => op === 'event');

const upgrade = (method: string, headers: Record<string, string>) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(`${server.url}/healthz`, {
      method,
      headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', ...headers },
    });
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve({ status: response.statusCode!, text }));
    });
    asked.once('upgrade', () => reject(new Error('upgraded')));
    asked.once('error', reject);
    asked.end();
  });

describe('the handshake', () => {
  const refused: [string, Handshake, string][] = [
    ['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 'HANABI-A005'],
    ['one that hides where it is from', { origin: 'https://evil.example', 'sec-fetch-site': undefined }, 'HANABI-A005'],
    ['a sibling of the site', { 'sec-fetch-site': 'same-site' }, 'HANABI-A005'],
    ['the opaque frame of a module', { origin: 'null', 'sec-fetch-site': undefined }, 'HANABI-A005'],
    ['what has no origin', { origin: undefined, 'sec-fetch-site': undefined }, 'HANABI-A005'],
    ['no cookie', { cookie: undefined }, 'HANABI-A001'],
    ['a cookie of no session', { cookie: 'hanabi_session=made-up' }, 'HANABI-A004'],
    ['no token', { 'sec-websocket-protocol': LIVE_PROTOCOL }, 'HANABI-A005'],
    ['a wrong token', { 'sec-websocket-protocol': `${LIVE_PROTOCOL}, ${LIVE_TOKEN_PREFIX}nope` }, 'HANABI-A005'],
    ['no subprotocol at all', { 'sec-websocket-protocol': undefined }, 'HANABI-A005'],
  ];

  it.each(refused)('of %s is refused before anything is upgraded', async (_, headers, code) => {
    const failure = LiveClient.open(desktop, headers);
    await expect(failure).rejects.toMatchObject({ error: { code } });
  });

  it('with the token of another session is refused', async () => {
    const other = await Desktop.signIn(server.url);
    const headers = { 'sec-websocket-protocol': `${LIVE_PROTOCOL}, ${LIVE_TOKEN_PREFIX}${other.csrf}` };
    await expect(LiveClient.open(desktop, headers)).rejects.toMatchObject({ error: { code: 'HANABI-A005' } });
  });

  it('is not what a plain request gets', async () => {
    const response = await desktop.send('GET', '/api/live');
    expect(response.status).toBe(403);
    const same = { origin: server.url };
    const protocols = `${LIVE_PROTOCOL}, ${LIVE_TOKEN_PREFIX}${desktop.csrf}`;
    const plain = await desktop.send('GET', '/api/live', undefined, { ...same, 'sec-websocket-protocol': protocols });
    expect(await plain.json()).toMatchObject({ error: { code: 'HANABI-V008' } });
  });

  it('for another protocol is answered as if it had not been asked for', async () => {
    expect(await upgrade('GET', {})).toEqual({ status: 200, text: '{"ok":true}' });
    expect((await upgrade('POST', { 'content-length': '0' })).status).toBe(400);
    expect(await upgrade('GET', { upgrade: 'websocket' })).toMatchObject({ status: 400 });
  });

  it('is refused beyond the channels that a session may have', async () => {
    const user = await Desktop.signIn(server.url);
    const clients = await Promise.all(
      Array.from({ length: LIMITS.live_channels_per_session_max }, () => LiveClient.open(user)),
    );
    await expect(LiveClient.open(user)).rejects.toMatchObject({ error: { code: 'HANABI-Q002' } });
    await Promise.all(clients.splice(0, 1).map((client) => client.close()));
    await expect.poll(() => LiveClient.open(user).then((client) => clients.push(client))).toBeGreaterThan(0);
    await Promise.all(clients.map((client) => client.close()));
  });
});

describe('calls over the channel', () => {
  it('are answered like those over HTTP, and refused with the same codes', async () => {
    const modest = await desktop.launch('modest');
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const foreign = await stranger.launch('talks');
    const wishes: [{ id: string }, string, object][] = [
      [launch, 'HANABI_STORAGE_USAGE', {}],
      [launch, 'HANABI_GET_SETTING', { key: 'k' }],
      [launch, 'HANABI_GET_SETTING', { key: 7 }],
      [launch, 'HANABI_GET_SETTING', { key: 'k', more: 1 }],
      [launch, 'HANABI_NOTHING', {}],
      [launch, 'HANABI_READY', {}],
      [launch, 'HANABI_READ_FILE', { fileId: 'f-nobody' }],
      [launch, 'HANABI_QUEUE_TASK', {}],
      [modest, 'HANABI_GET_SETTING', { key: 'k' }],
      [modest, 'HANABI_DATA_LIST', { collection: 'c' }],
      [foreign, 'HANABI_GET_SETTING', { key: 'k' }],
      [{ id: 'made-up' }, 'HANABI_GET_SETTING', { key: 'k' }],
    ];
    await withChannel(async (client) => {
      for (const [from, type, payload] of wishes) {
        const http = await desktop.ask(from, type, payload);
        const live = await client.ask(from, type, payload);
        expect([type, live.ok, live.error, live.data]).toEqual([type, http.ok, http.error, http.data]);
      }
    });
  });

  it('are done once each, whatever their number, and answered under the number they came with', async () => {
    await withChannel(async (client) => {
      const ids = Array.from({ length: 100 }, (_, n) =>
        client.call(launch, 'HANABI_DATA_PUT', { collection: 'many', id: `d${n}`, data: { n } }),
      );
      const answers = await Promise.all(ids.map((id) => client.reply(id)));
      expect(answers.map(({ data }) => [data['id'], data['version']])).toEqual(ids.map((_, n) => [`d${n}`, 1]));
    });
  });

  it('bring small contents as bytes, and say where large ones are to be had', async () => {
    const folder = launch.context.folders.find(({ role }) => role === 'input')!.id;
    const small = await desktop.upload('small.bin', new Uint8Array([1, 2, 3]), folder);
    const large = await desktop.upload('large.bin', new Uint8Array(LIMITS.live_content_bytes_max + 1), folder);
    await withChannel(async (client) => {
      const answer = await client.ask(launch, 'HANABI_READ_FILE', { fileId: small.id, encoding: 'buffer' });
      expect(answer).toMatchObject({ ok: true, bytes: true, data: { name: 'small.bin', size_bytes: 3 } });
      await expect.poll(() => client.contents).toEqual([Buffer.from([1, 2, 3])]);
      const text = await client.ask(launch, 'HANABI_READ_FILE', { fileId: small.id });
      expect(text.data['bytesB64']).toBe('AQID');
      for (const encoding of ['buffer', 'base64']) {
        const id = client.call(launch, 'HANABI_READ_FILE', { fileId: large.id, encoding });
        expect(await client.find((message) => 'id' in message && message.id === id)).toEqual({ op: 'elsewhere', id });
      }
    });
  });

  it('tell the events of a job in their order, and never run far ahead of who takes them', async () => {
    const events = 3 * LIMITS.job_events_ahead_max;
    await withChannel(async (client) => {
      const id = client.call(launch, 'HANABI_CREATE_JOB', { options: { events }, stream: true });
      const heard = () => client.messages.filter((message) => message.op === 'event' && message.id === id);
      await expect.poll(() => heard().length, { timeout: 20_000 }).toBe(LIMITS.job_events_ahead_max);
      // Another call is not held up by it.
      expect((await client.ask(launch, 'HANABI_GET_SETTING', { key: 'k' })).ok).toBe(true);
      expect(heard().length).toBe(LIMITS.job_events_ahead_max);
      client.send({ op: 'taken', id, count: 10 });
      await expect.poll(() => heard().length).toBe(LIMITS.job_events_ahead_max + 10);
      const confirm = setInterval(() => client.send({ op: 'taken', id, count: heard().length }), 5);
      const answer = await client.reply(id).finally(() => clearInterval(confirm));
      expect(answer.ok).toBe(true);
      const steps = heard().flatMap((message) => {
        const { event } = message as Extract<LiveMessage, { op: 'event' }>;
        return 'chunk' in event ? [event.chunk] : [];
      });
      expect(steps).toEqual(Array.from({ length: events }, (_, n) => `step ${n}`));
    });
  });

  it('end their work when they are cancelled, and when the channel is gone', async () => {
    const wish = { options: { seconds: 60 }, stream: true };
    await withChannel(async (client) => {
      const id = client.call(launch, 'HANABI_CREATE_JOB', wish);
      await begun(client);
      client.send({ op: 'cancel', id });
      expect((await client.reply(id)).error).toMatchObject({ code: 'HANABI-W016' });
      expect(await lastState()).toBe('cancelled');
    });
    await withChannel(async (client) => {
      client.call(launch, 'HANABI_CREATE_JOB', wish);
      await begun(client);
      await expect.poll(lastState).toBe('running');
    });
    await expect.poll(lastState).toBe('cancelled');
  });

  it('are bounded in their number', async () => {
    await withChannel(async (client) => {
      const most = LIMITS.live_calls_at_once_max;
      const ids = Array.from({ length: most + 50 }, () => client.call(launch, 'HANABI_GET_SETTING', { key: 'k' }));
      const answers = await Promise.all(ids.map((id) => client.reply(id)));
      const codes = new Set(answers.filter(({ ok }) => !ok).map(({ error }) => error.code));
      expect([...codes].every((code) => code === 'HANABI-Q002')).toBe(true);
      expect(answers.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(most);
    });
  });
});

describe('what is no message of the channel', () => {
  it.each([
    ['no JSON', '{'],
    ['an unknown operation', '{"op":"sing"}'],
    ['a field too many', '{"op":"beat","x":1}'],
    ['no number', '{"op":"cancel"}'],
    ['a list', '[]'],
    ['nothing', ''],
  ])('%s closes it', async (_, text) => {
    const client = await LiveClient.open(desktop);
    client.sendText(text);
    expect(await client.ending()).toBe(LIVE_CLOSED.malformed);
  });

  it('bytes close it, and so does one call twice under one number', async () => {
    const bytes = await LiveClient.open(desktop);
    bytes.sendBytes(new Uint8Array([1]));
    expect(await bytes.ending()).toBe(LIVE_CLOSED.malformed);
    const twice = await LiveClient.open(desktop);
    const slow = { type: 'HANABI_CREATE_JOB', launch: launch.id, payload: { options: { seconds: 60 } } };
    for (let time = 0; time < 2; time += 1) twice.send({ op: 'call', id: 1, ...slow });
    expect(await twice.ending()).toBe(LIVE_CLOSED.malformed);
  });

  it('a message above the limit closes it as the protocol says', async () => {
    const client = await LiveClient.open(desktop);
    client.send({
      op: 'call',
      id: 1,
      type: 'x',
      launch: 'x',
      payload: { a: 'x'.repeat(LIMITS.live_message_bytes_max) },
    });
    expect(await client.ending()).toBe(1009);
  });

  it('a payload that is refused over HTTP is refused here, and the channel stays', async () => {
    await withChannel(async (client) => {
      const call = `"op":"call","type":"HANABI_DATA_PUT","launch":"${launch.id}"`;
      client.sendText(`{${call},"id":7,"payload":{"collection":"c","data":{"__proto__":{"admin":true}}}}`);
      expect((await client.reply(7)).error).toMatchObject({ code: 'HANABI-V008' });
      client.sendText(`{${call},"id":8,"payload":{"collection":"c","data":{"constructor":{"prototype":{}}}}}`);
      expect((await client.reply(8)).error).toMatchObject({ code: 'HANABI-V008' });
      client.sendText(`{${call},"id":9,"payload":"none"}`);
      expect((await client.reply(9)).error).toMatchObject({ code: 'HANABI-V001' });
      expect((await client.ask(launch, 'HANABI_GET_SETTING', { key: 'k' })).ok).toBe(true);
    });
  });
});

describe('the end', () => {
  it('comes at once when the user signs out, for every channel of that session and for no other', async () => {
    const leaving = await Desktop.signIn(server.url);
    const mine = [await LiveClient.open(leaving), await LiveClient.open(leaving)];
    const other = await LiveClient.open(desktop);
    const itsLaunch = await leaving.launch('talks');
    mine[0]!.call(itsLaunch, 'HANABI_CREATE_JOB', { options: { seconds: 60 }, stream: true });
    await begun(mine[0]!);
    await leaving.send('DELETE', '/api/session');
    expect(await Promise.all(mine.map((client) => client.ending()))).toEqual([
      LIVE_CLOSED.session_ended,
      LIVE_CLOSED.session_ended,
    ]);
    expect((await other.ask(launch, 'HANABI_GET_SETTING', { key: 'k' })).ok).toBe(true);
    await other.close();
  });

  it('of the server is told, and does not wait for anybody', async () => {
    const short = await startServer();
    const client = await LiveClient.open(await Desktop.signIn(short.url));
    const mute = await LiveClient.open(await Desktop.signIn(short.url));
    mute.socket.pause();
    await short.stop();
    expect(await client.ending()).toBe(1012);
  });
});

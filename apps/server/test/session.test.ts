import { DESKTOP_PATHS, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ users: ['guessed'] });
});
afterAll(() => server.stop());

const signIn = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(server.url + DESKTOP_PATHS.session, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('signing in', () => {
  it('hands out a cookie that scripts and other sites cannot have', async () => {
    const desktop = await Desktop.signIn(server.url);
    expect(desktop.session.user).toMatchObject({ name: 'admin', role: 'admin' });
    const response = await signIn({ name: 'guessed', password: 'guessed' });
    const cookie = response.headers.getSetCookie()[0];
    expect(cookie).toMatch(/^hanabi_session=[\w-]{43}; /);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
  });

  it('does not tell a wrong name from a wrong password', async () => {
    const wrongName = await errorOf(await signIn({ name: 'nobody', password: 'x' }));
    const wrongPassword = await errorOf(await signIn({ name: 'admin', password: 'x' }));
    expect(wrongName.code).toBe('HANABI-A002');
    expect(wrongName).toEqual(wrongPassword);
  });

  it('slows down one who guesses, and nobody else', async () => {
    for (let attempt = 0; attempt < LIMITS.sign_in_failures_per_minute_max; attempt += 1) {
      expect((await signIn({ name: 'guessed', password: 'no' })).status).toBe(401);
    }
    expect(await errorOf(await signIn({ name: 'guessed', password: 'guessed' }))).toMatchObject({
      code: 'HANABI-A003',
    });
    await expect(Desktop.signIn(server.url)).resolves.toBeDefined();
  });

  it('counts guesses that are sent at once like those that follow each other', async () => {
    const guesses = Array.from({ length: 4 * LIMITS.sign_in_failures_per_minute_max }, () =>
      signIn({ name: 'at-once', password: 'no' }),
    );
    const answers = await Promise.all(guesses);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(LIMITS.sign_in_failures_per_minute_max);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3 * LIMITS.sign_in_failures_per_minute_max);
  });

  it('reads no more of a request than it needs', async () => {
    const response = await signIn({ name: 'admin', password: 'x'.repeat(LIMITS.sign_in_body_bytes_max) });
    expect(await errorOf(response)).toMatchObject({
      code: 'HANABI-V008',
      message: expect.stringMatching(/4096 bytes/),
    });
  });

  it.each([
    [{}],
    [{ name: 'admin' }],
    [{ name: 5, password: 'x' }],
    [{ name: 'a', password: 'b', more: 1 }],
    [[]],
    ['x'],
  ])('refuses the malformed body %j', async (body) => {
    expect(await errorOf(await signIn(body))).toMatchObject({ code: 'HANABI-V008', category: 'INVALID' });
  });
});

describe('requests that the desktop did not send', () => {
  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['the opaque origin of a module', { origin: 'null' }],
    ['another port of the same host', { origin: 'http://127.0.0.1:1' }],
    ['another site, by fetch metadata', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site, by fetch metadata', { 'sec-fetch-site': 'same-site' }],
    ['no CSRF token', { 'x-hanabi-csrf': '' }],
    ['a wrong CSRF token', { 'x-hanabi-csrf': 'x'.repeat(43) }],
  ])('are refused with %s', async (_name, headers) => {
    const desktop = await Desktop.signIn(server.url);
    const response = await desktop.send('POST', DESKTOP_PATHS.launches, { module_id: 'hello-world-webpage' }, headers);
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-A005' });
  });

  it('may not sign in either', async () => {
    const response = await signIn({ name: 'admin', password: 'x' }, { origin: 'null' });
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-A005' });
  });

  it('may not even read', async () => {
    const desktop = await Desktop.signIn(server.url);
    const response = await desktop.send('GET', DESKTOP_PATHS.modules, undefined, { 'sec-fetch-site': 'cross-site' });
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-A005' });
  });

  it('pass with the origin of the desktop, under whatever name it was reached', async () => {
    const desktop = await Desktop.signIn(server.url);
    const headers = { origin: server.url, 'sec-fetch-site': 'same-origin' };
    const response = await desktop.send('POST', DESKTOP_PATHS.launches, { module_id: 'hello-world-webpage' }, headers);
    expect(response.status).toBe(201);
  });
});

describe('a session', () => {
  it('is needed everywhere', async () => {
    for (const path of [DESKTOP_PATHS.modules, `${DESKTOP_PATHS.folders}/root`]) {
      expect(await errorOf(await fetch(server.url + path))).toMatchObject({ code: 'HANABI-A001' });
    }
  });

  it('that nobody has is no error to the page that asks', async () => {
    const answer = await fetch(server.url + DESKTOP_PATHS.session);
    expect([answer.status, await answer.json()]).toEqual([200, null]);
    const foreign = await fetch(server.url + DESKTOP_PATHS.session, { headers: { origin: 'null' } });
    expect(await errorOf(foreign)).toMatchObject({ code: 'HANABI-A005' });
  });

  it('ends at once for everything when the user signs out', async () => {
    const desktop = await Desktop.signIn(server.url);
    const launch = await desktop.launch('hello-world-webpage');
    expect((await fetch(server.url + launch.document_url)).status).toBe(200);
    expect((await desktop.send('DELETE', DESKTOP_PATHS.session)).status).toBe(204);
    expect(await errorOf(await desktop.send('GET', DESKTOP_PATHS.session))).toMatchObject({ code: 'HANABI-A004' });
    expect((await fetch(server.url + launch.document_url)).status).toBe(404);
  });
});

describe('behind a proxy', () => {
  const { sign_in_failures_per_minute_max: most } = LIMITS;

  /** How many of the guesses are refused, which one proxy passes on for as many clients. */
  async function refused(env: Record<string, string>): Promise<number> {
    const proxied = await startServer({ env });
    try {
      const answers = await Promise.all(
        Array.from({ length: 2 * most }, (_, index) =>
          fetch(proxied.url + DESKTOP_PATHS.session, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-forwarded-for': `1.2.3.4, 192.0.2.${index}` },
            body: JSON.stringify({ name: 'admin', password: 'no' }),
          }),
        ),
      );
      return answers.filter(({ status }) => status === 429).length;
    } finally {
      await proxied.stop();
    }
  }

  it('clients are told apart where the operator trusts the proxy', async () => {
    expect(await refused({ HANABI_TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1' })).toBe(0);
  });

  it('anyone else may claim to be one, and is not believed', async () => {
    expect(await refused({})).toBe(most);
    expect(await refused({ HANABI_TRUSTED_PROXIES: '10.0.0.0/8' })).toBe(most);
  });

  it.each([
    ['HANABI_TRUSTED_PROXIES', 'proxy.example'],
    ['HANABI_TRUSTED_PROXIES', '10.0.0.0/99'],
    ['HANABI_ALLOWED_HOSTS', 'https://desktop.example'],
  ])('the setting %s=%s is refused by name', async (name, value) => {
    await expect(startServer({ env: { [name]: value } })).rejects.toThrow(`${name}: "${value}"`);
  });
});

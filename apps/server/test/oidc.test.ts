/** Signing in through another service, against a real provider on this machine. */
import { type Account, DESKTOP_PATHS, type OidcBegun, type Session } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { freePort } from './harness/free-port.ts';
import { CLIENT, type RunningProvider, startProvider } from './harness/oidc-provider.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { oidc: path, account, admin, session } = DESKTOP_PATHS;

let provider: RunningProvider;
let server: RunningServer;
const settings = (issuer: string) => ({
  HANABI_OIDC_ISSUER: issuer,
  HANABI_OIDC_CLIENT_ID: CLIENT.client_id,
  HANABI_OIDC_CLIENT_SECRET: CLIENT.client_secret,
  HANABI_OIDC_NAME: 'Festival',
});

beforeAll(async () => {
  const port = await freePort();
  provider = await startProvider(`http://127.0.0.1:${port}${path}/return`);
  server = await startServer({ users: ['mika'], env: { ...settings(provider.issuer), HANABI_PORT: String(port) } });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

/** A browser, as far as it matters: it follows redirects and keeps the cookies of each host. */
class Browser {
  readonly cookies = new Map<string, string>();

  async ask(
    url: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const jar = [...this.cookies].filter(([key]) => key.startsWith(new URL(url).port));
    const cookie = jar.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s);
      const key = `${new URL(url).port} ${name}`;
      if (value === '') this.cookies.delete(key);
      else this.cookies.set(key, value);
    }
    return response;
  }

  async begin(desktop?: Desktop): Promise<string> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (desktop) Object.assign(headers, { 'x-hanabi-csrf': desktop.csrf, cookie: desktop.cookie });
    if (desktop) this.cookies.set(`${new URL(server.url).port} hanabi_session`, desktop.cookie.split('=')[1]!);
    const body = JSON.stringify({ purpose: desktop ? 'link' : 'sign-in' });
    const response = await this.ask(`${server.url}${path}/begin`, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as OidcBegun).url;
  }

  /** To the provider and up to the address of ours that it leads back to. */
  async pass(url: string): Promise<string> {
    let at = url;
    while (!at.startsWith(server.url)) {
      const location = (await this.ask(at)).headers.get('location');
      if (!location) throw new Error(`no way on from ${at}`);
      at = new URL(location, at).href;
    }
    return at;
  }

  async finish(url: string): Promise<string> {
    const response = await this.ask(url);
    expect(response.status).toBe(303);
    return response.headers.get('location')!;
  }

  async run(desktop?: Desktop): Promise<string> {
    return this.finish(await this.pass(await this.begin(desktop)));
  }

  async who(): Promise<string | undefined> {
    const response = await this.ask(server.url + session);
    return ((await response.json()) as Partial<Session> | null)?.user?.name;
  }
}

const as = (sub: string, preferred_username = sub, email = `${sub}@example.net`) => {
  provider.account = { sub, preferred_username, email };
};
const accountOf = async (desktop: Desktop) => (await (await desktop.send('GET', account)).json()) as Account;

describe('an account of the other service', () => {
  it('signs in nobody before it is connected, whatever it is called there', async () => {
    as('stranger', 'mika', 'mika');
    const browser = new Browser();
    expect(await browser.run()).toBe('/#failed=HANABI-A018');
    expect(await browser.who()).toBeUndefined();
  });

  it('is connected by who is signed in, signs in then, and is disconnected again', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    as('sub-1', 'mika there');
    expect(await new Browser().run(mika)).toBe('/');
    const { identities } = await accountOf(mika);
    expect(identities).toMatchObject([{ issuer: provider.issuer, name: 'mika there', used_at: null }]);
    // Renamed there, it is still the same.
    as('sub-1', 'admin', 'admin@example.net');
    const browser = new Browser();
    expect(await browser.run()).toBe('/');
    expect(await browser.who()).toBe('mika');
    const other = await Desktop.signIn(server.url);
    expect(await new Browser().run(other)).toBe('/#failed=HANABI-A018');
    expect((await mika.send('DELETE', `${account}/identities/${identities[0]!.id}`)).status).toBe(204);
    expect(await new Browser().run()).toBe('/#failed=HANABI-A018');
  });

  it('does not sign in to an account that is disabled', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    as('sub-2');
    await new Browser().run(mika);
    const chief = await Desktop.signIn(server.url);
    const change = (disabled: boolean) => chief.send('PATCH', `${admin}/users/${mika.session.user.id}`, { disabled });
    expect((await change(true)).status).toBe(204);
    expect(await new Browser().run()).toBe('/#failed=HANABI-A018');
    await change(false);
    expect(await new Browser().run()).toBe('/');
  });
});

describe('an answer', () => {
  it('counts once, in the browser that began, and with the state that it began with', async () => {
    as('sub-2');
    const browser = new Browser();
    const back = await browser.pass(await browser.begin());
    expect(await new Browser().finish(back)).toBe('/#failed=HANABI-A017');
    const forged = back.replace(/state=[^&]+/, 'state=forged');
    const copy = new Map(browser.cookies);
    expect(await browser.finish(forged)).toBe('/#failed=HANABI-A017');
    // That one is spent, even with what the browser had kept.
    for (const [key, value] of copy) browser.cookies.set(key, value);
    expect(await browser.finish(back)).toBe('/#failed=HANABI-A017');
    expect(await browser.who()).toBeUndefined();
  });

  it('of one who began it does not sign in another', async () => {
    as('sub-2');
    const [victim, attacker] = [new Browser(), new Browser()];
    await victim.begin();
    const back = await attacker.pass(await attacker.begin());
    expect(await victim.finish(back)).toBe('/#failed=HANABI-A017');
  });

  it('from another issuer does not count', async () => {
    as('sub-2');
    const browser = new Browser();
    const back = new URL(await browser.pass(await browser.begin()));
    back.searchParams.set('iss', 'https://evil.example');
    expect(await browser.finish(back.href)).toBe('/#failed=HANABI-A017');
  });

  it('says that the person declined', async () => {
    const browser = new Browser();
    const state = new URL(await browser.begin()).searchParams.get('state')!;
    const query = new URLSearchParams({ error: 'access_denied', state, iss: provider.issuer });
    expect(await browser.finish(`${server.url}${path}/return?${query.toString()}`)).toBe('/#failed=HANABI-A017');
  });

  it('connects nothing once the session that asked for it has ended', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    as('sub-late');
    const browser = new Browser();
    const back = await browser.pass(await browser.begin(mika));
    await mika.send('DELETE', session);
    expect(await browser.finish(back)).toBe('/#failed=HANABI-A004');
  });
});

it('asks with PKCE, state and nonce, and only for the desktop', async () => {
  const url = new URL(await new Browser().begin());
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{40,}$/),
    nonce: expect.stringMatching(/^[\w-]{40,}$/),
    redirect_uri: `${server.url}${path}/return`,
  });
  const headers = { 'content-type': 'application/json', origin: 'null' };
  const foreign = await fetch(`${server.url}${path}/begin`, { method: 'POST', headers, body: '{"purpose":"sign-in"}' });
  expect(await errorOf(foreign)).toMatchObject({ code: 'HANABI-A005' });
  const link = { 'content-type': 'application/json' };
  const nobody = await fetch(`${server.url}${path}/begin`, {
    method: 'POST',
    headers: link,
    body: '{"purpose":"link"}',
  });
  expect(await errorOf(nobody)).toMatchObject({ code: 'HANABI-A001' });
});

it('makes accounts where the operator wants it, each with a name of its own', async () => {
  await server.stop();
  const env = { ...settings(provider.issuer), HANABI_PORT: new URL(server.url).port, HANABI_OIDC_SIGN_UP: 'on' };
  server = await startServer({ users: ['mika'], env });
  as('sub-9', 'mika', 'mika@example.net');
  const browser = new Browser();
  expect(await browser.run()).toBe('/');
  expect(await browser.who()).toBe('mika 2');
  expect(await new Browser().run()).toBe('/');
  const { users } = (await (await (await Desktop.signIn(server.url)).send('GET', `${admin}/users`)).json()) as {
    users: { name: string }[];
  };
  expect(users.map(({ name }) => name)).toEqual(['admin', 'mika', 'mika 2']);
});

it.each([
  [{ HANABI_OIDC_ISSUER: 'http://id.example.net' }, 'HANABI_OIDC_CLIENT_ID'],
  [{ ...settings('http://id.example.net') }, 'HANABI_OIDC_ISSUER: "http://id.example.net"'],
  [{ ...settings('https://id.example.net'), HANABI_OIDC_SIGN_UP: 'yes' }, 'HANABI_OIDC_SIGN_UP: "yes"'],
])('refuses the settings %j', async (env, message) => {
  await expect(startServer({ env })).rejects.toThrow(message);
});

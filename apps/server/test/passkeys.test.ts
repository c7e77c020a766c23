/** Passkeys, and answers that were signed for something else. */
import { DESKTOP_PATHS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop } from './harness/desktop.ts';
import { ask } from './harness/publishing.ts';
import { type Signed, SoftwarePasskey } from './harness/software-passkey.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { account, entrance, session } = DESKTOP_PATHS;

let server: RunningServer;
let mika: Desktop;
let other: Desktop;
const passkey = new SoftwarePasskey();

const place = () => ({ origin: server.url, host: '127.0.0.1' });

async function challengeOf(path: string, by = mika): Promise<string> {
  return (await ask<{ challenge: string }>(by, 'POST', path, {})).body.challenge;
}

function register(by: Desktop, key: SoftwarePasskey, signed: Signed) {
  return ask(by, 'POST', `${account}/passkeys`, { name: 'in software', answer: key.registration(signed) });
}

async function signIn(changed: Partial<Signed> = {}, key = passkey) {
  const challenge = changed.challenge ?? (await challengeOf(`${entrance}/passkey`));
  return present(key.assertion({ challenge, ...place(), ...changed }));
}

/** In a browser that is not signed in. */
async function present(answer: object) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${server.url}${session}/passkey`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ answer }),
  });
  const body = (await response.json()) as { user?: { name: string }; error?: { code: string } };
  return body.user?.name ?? body.error?.code;
}

beforeAll(async () => {
  server = await startServer({ users: ['mika', 'other'] });
  mika = await Desktop.signIn(server.url, 'mika', 'mika');
  other = await Desktop.signIn(server.url, 'other', 'other');
  const challenge = await challengeOf(`${account}/passkeys/begin`);
  expect((await register(mika, passkey, { challenge, ...place() })).status).toBe(204);
});
afterAll(() => server.stop());

describe('a sign-in', () => {
  it('is that of whom the passkey belongs to', async () => {
    expect(await signIn()).toBe('mika');
    expect(await signIn({ user_handle: Buffer.from(mika.session.user.id).toString('base64url') })).toBe('mika');
  });

  it('works once for each challenge', async () => {
    const challenge = await challengeOf(`${entrance}/passkey`);
    const answer = passkey.assertion({ challenge, ...place() });
    expect(await present(answer)).toBe('mika');
    expect(await present(answer)).toBe('HANABI-A016');
    expect(await signIn({ challenge })).toBe('HANABI-A016');
  });

  const wrong: Record<string, Partial<Signed>> = {
    'for another origin': { origin: 'https://evil.example' },
    'for an origin that begins like ours': { origin: 'http://127.0.0.1.evil.example' },
    'for another port of this machine': { origin: 'http://127.0.0.1:1' },
    'by a page of nobody’s origin, as a module is': { origin: 'null' },
    'for another host': { host: 'evil.example' },
    'without the person': { verified: false },
    'as if to register': { type: 'webauthn.create' },
    'with a challenge of its own': { challenge: Buffer.from('a.b.c').toString('base64url') },
    'for another account': { user_handle: Buffer.from('somebody').toString('base64url') },
  };
  for (const [name, changed] of Object.entries(wrong)) {
    it(`is none when it was signed ${name}`, async () => {
      expect(await signIn(changed)).toBe('HANABI-A016');
    });
  }

  it('is none with what was signed to add a passkey, or with a key that nobody knows', async () => {
    expect(await signIn({ challenge: await challengeOf(`${account}/passkeys/begin`) })).toBe('HANABI-A016');
    expect(await signIn({}, new SoftwarePasskey())).toBe('HANABI-A016');
  });
});

describe('a new passkey', () => {
  it('is added to the account that asked, once, and from here', async () => {
    const begin = `${account}/passkeys/begin`;
    const challenge = await challengeOf(begin);
    const refused = { code: 'HANABI-A016' };
    expect(await register(other, new SoftwarePasskey(), { challenge, ...place() })).toMatchObject(refused);
    const elsewhere = { challenge: await challengeOf(begin, other), ...place(), origin: 'https://evil.example' };
    expect(await register(other, new SoftwarePasskey(), elsewhere)).toMatchObject(refused);
    const toSignIn = { challenge: await challengeOf(`${entrance}/passkey`), ...place() };
    expect(await register(other, new SoftwarePasskey(), toSignIn)).toMatchObject(refused);
    // One that claims to be somebody else’s.
    const taken = { challenge: await challengeOf(begin, other), ...place() };
    expect(await register(other, passkey, taken)).toMatchObject(refused);
    expect(await signIn()).toBe('mika');
  });
});

/** The authenticator app and the recovery codes: over HTTP, and at the table where time can be chosen. */
import { type Account, DESKTOP_PATHS, LIMITS, type RecoveryCodes, type TotpSetup } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountKeys } from '../src/accounts/account-keys.ts';
import { KnownDevices } from '../src/accounts/known-devices.ts';
import { SecondFactors } from '../src/accounts/second-factors.ts';
import { SignIns } from '../src/accounts/sign-ins.ts';
import { Users } from '../src/accounts/users.ts';
import { codeOf } from './harness/authenticator.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { Storage } from './harness/storage.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const { account, session } = DESKTOP_PATHS;

const accountOf = async (desktop: Desktop) => (await (await desktop.send('GET', account)).json()) as Account;

describe('over HTTP', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ users: ['mika', 'other'] });
  });
  afterAll(() => server.stop());

  const signIn = (body: unknown) =>
    fetch(server.url + session, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('is set up with a code, asked for at each sign-in, and turned off again', async () => {
    const mika = await Desktop.signIn(server.url, 'mika', 'mika');
    const setup = (await (await mika.send('POST', `${account}/totp`)).json()) as TotpSetup;
    expect(setup.uri).toContain('otpauth://totp/HanabiMatsuri:mika?secret=');
    // Not in force before the app has shown that it has the secret.
    await expect(Desktop.signIn(server.url, 'mika', 'mika')).resolves.toBeDefined();
    const wrong = await mika.send('PUT', `${account}/totp`, { code: await codeOf(setup.secret, 40) });
    expect(await errorOf(wrong)).toMatchObject({ code: 'HANABI-A009' });
    expect((await accountOf(mika)).totp).toBe(false);
    const on = await mika.send('PUT', `${account}/totp`, { code: await codeOf(setup.secret) });
    const { codes } = (await on.json()) as RecoveryCodes;
    expect(new Set(codes).size).toBe(LIMITS.recovery_codes);
    expect(await accountOf(mika)).toMatchObject({ totp: true, recovery_codes_left: LIMITS.recovery_codes });

    expect(await errorOf(await signIn({ name: 'mika', password: 'mika' }))).toMatchObject({ code: 'HANABI-A008' });
    expect(await errorOf(await signIn({ name: 'mika', password: 'no', code: codes[0] }))).toMatchObject({
      code: 'HANABI-A002',
    });
    const withCode = {
      name: 'mika',
      password: 'mika',
      code: ` ${(await codeOf(setup.secret, 1)).replace(/^.../, '$& ')}`,
    };
    expect((await signIn(withCode)).status).toBe(200);
    expect(await errorOf(await signIn(withCode))).toMatchObject({ code: 'HANABI-A009' });
    const withRecovery = { name: 'mika', password: 'mika', code: codes[3]!.toUpperCase() };
    expect((await signIn(withRecovery)).status).toBe(200);
    expect(await errorOf(await signIn(withRecovery))).toMatchObject({ code: 'HANABI-A009' });
    expect((await accountOf(mika)).recovery_codes_left).toBe(LIMITS.recovery_codes - 1);

    const fresh = (await (await mika.send('POST', `${account}/recovery-codes`)).json()) as RecoveryCodes;
    const old = await signIn({ name: 'mika', password: 'mika', code: codes[4] });
    expect(await errorOf(old)).toMatchObject({ code: 'HANABI-A009' });
    const confirm = { password: 'mika', code: fresh.codes[0] };
    expect(await errorOf(await mika.send('POST', `${account}/confirm`, { password: 'mika' }))).toMatchObject({
      code: 'HANABI-A008',
    });
    expect((await mika.send('POST', `${account}/confirm`, confirm)).status).toBe(204);
    expect((await mika.send('DELETE', `${account}/totp`)).status).toBe(204);
    await expect(Desktop.signIn(server.url, 'mika', 'mika')).resolves.toBeDefined();
  });

  it('does not exist for who has not set it up', async () => {
    const other = await Desktop.signIn(server.url, 'other', 'other');
    expect(await errorOf(await other.send('PUT', `${account}/totp`, { code: '123456' }))).toMatchObject({
      code: 'HANABI-V008',
    });
    expect(await errorOf(await other.send('POST', `${account}/recovery-codes`))).toMatchObject({ code: 'HANABI-V008' });
  });
});

describe('at the table', () => {
  let storage: Storage;
  let users: Users;
  const keys = new AccountKeys(Buffer.alloc(32, 7));
  beforeAll(async () => {
    storage = await Storage.open();
    users = new Users(storage.db, storage.tree);
  });
  afterAll(() => storage.close());

  async function equipped(name: string) {
    const user = await users.create(name, name, 'user');
    const factors = new SecondFactors(storage.db, keys);
    const { secret } = await factors.prepare(user);
    const codes = await factors.activate(user, await codeOf(secret));
    return { user, factors, secret, codes };
  }

  it('the secret is sealed for its owner, and codes are kept as hashes', async () => {
    const { user, secret, codes } = await equipped('sealed');
    const row = await storage.db
      .selectFrom('totp')
      .selectAll()
      .where('user_id', '=', user.id)
      .executeTakeFirstOrThrow();
    expect(keys.unseal(row.secret, user.id)).toBe(secret);
    expect(() => keys.unseal(row.secret, 'somebody else')).toThrow();
    expect(() => new AccountKeys(Buffer.alloc(32, 8)).unseal(row.secret, user.id)).toThrow();
    const stored = JSON.stringify(await storage.db.selectFrom('recovery_codes').selectAll().execute());
    for (const text of [secret, ...codes]) expect(row.secret + stored).not.toContain(text);
  });

  it('of two who bring the same code at once one gets in', async () => {
    const { user, factors, secret, codes } = await equipped('twice');
    for (const code of [await codeOf(secret, 1), codes[0]!]) {
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => factors.verify(user, code, undefined)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  it('a code that is older than one that was used is worth nothing, and neither is one of tomorrow', async () => {
    const { user, factors, secret } = await equipped('older');
    await factors.verify(user, await codeOf(secret, 1), undefined);
    for (const steps of [0, -1, -2, 3]) {
      await expect(factors.verify(user, await codeOf(secret, steps), undefined)).rejects.toMatchObject({
        code: 'HANABI-A009',
      });
    }
  });

  it('guesses are bounded, and do not lock out the browser of the one whose account it is', async () => {
    const { user, factors, codes } = await equipped('guessed');
    const guess = () => factors.verify(user, '000000', undefined).catch((error: { code: string }) => error.code);
    const outcomes: unknown[] = [];
    for (let index = 0; index <= LIMITS.second_factor_failures_per_hour_max; index += 1) outcomes.push(await guess());
    expect(outcomes.slice(0, -1).every((code) => code === 'HANABI-A009')).toBe(true);
    expect(outcomes.at(-1)).toBe('HANABI-A003');
    await expect(factors.verify(user, codes[0]!, undefined)).rejects.toMatchObject({ code: 'HANABI-A003' });
    await expect(factors.verify(user, codes[0]!, 'own browser')).resolves.toBe('recovery');
  });

  it('a failed sign-in does the same work whatever the reason', async () => {
    const { user } = await equipped('with-app');
    const off = await users.create('switched-off', 'switched-off', 'user');
    await users.create('chief', 'chief', 'admin');
    await users.change(off.id, { disabled: true });
    await users.create('no-password', undefined, 'user');
    const signIns = new SignIns(users, new KnownDevices(keys), new SecondFactors(storage.db, keys));
    const attempt = async (name: string, password: string) => {
      const before = users.passwords.compared;
      const refused = await signIns
        .signIn({ ip: '10.0.0.1', name, password, device_notes: undefined })
        .catch((error: Error) => error.message);
      return { refused, compared: users.passwords.compared - before };
    };
    const usual = { refused: 'Name or password is wrong', compared: 1 };
    expect(await attempt('nobody', 'x')).toEqual(usual);
    expect(await attempt('with-app', 'x')).toEqual(usual);
    expect(await attempt('switched-off', 'x')).toEqual(usual);
    expect(await attempt('switched-off', 'switched-off')).toEqual(usual);
    expect(await attempt('no-password', '')).toEqual(usual);
    expect(await attempt('no-password', 'x')).toEqual(usual);
    expect((await attempt(user.name, user.name)).refused).toContain('authenticator app');
  });

  it('strangers who exhaust a name do not lock out the browser that signed in with it before', async () => {
    await users.create('besieged', 'besieged', 'user');
    const devices = new KnownDevices(keys);
    const signIns = new SignIns(users, devices, new SecondFactors(storage.db, keys));
    const attempt = (ip: string, password: string, device_notes?: string) =>
      signIns.signIn({ ip, name: 'Besieged', password, device_notes });
    const notes = devices.remember(devices.remember(undefined, 'besieged'), 'somebody else');
    for (let index = 0; index < LIMITS.sign_in_failures_of_name_per_minute_max; index += 1) {
      await expect(attempt(`10.9.${index >> 3}.1`, 'guess')).rejects.toMatchObject({ code: 'HANABI-A002' });
    }
    await expect(attempt('10.1.1.1', 'besieged')).rejects.toMatchObject({ code: 'HANABI-A003' });
    const forged = notes.replaceAll(/.(?=~|$)/g, (last) => (last === 'A' ? 'B' : 'A'));
    for (const stranger of [forged, devices.remember(undefined, 'attacker'), 'a.b.c', '~~~']) {
      await expect(attempt('10.1.1.1', 'besieged', stranger)).rejects.toMatchObject({ code: 'HANABI-A003' });
    }
    await expect(attempt('10.9.0.1', 'besieged', notes)).resolves.toMatchObject({ name: 'besieged' });
    // A stolen note is no way round the meter either.
    for (let index = 0; index < LIMITS.sign_in_failures_of_device_per_minute_max; index += 1) {
      await expect(attempt('10.9.0.1', 'guess', notes)).rejects.toMatchObject({ code: 'HANABI-A002' });
    }
    await expect(attempt('10.9.0.1', 'besieged', notes)).rejects.toMatchObject({ code: 'HANABI-A003' });
  });
});

/** Passkeys (WebAuthn): what the authenticator of a person signs, in place of a password and a second factor. */
import { type AccountPasskey, HanabiError, LIMITS } from '@hanabi/protocol';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Selectable } from 'kysely';
import { type Db, now } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import { Attempts } from './attempts.ts';
import type { Challenges } from './challenges.ts';
import { addressKey } from './sign-in-meter.ts';
import type { UserRow, Users } from './users.ts';

type PasskeyRow = Selectable<Tables['passkeys']>;

/** Under which address the browser sees the desktop. Its own name is part of what is signed. */
export interface Place {
  host: string;
  origins: string[];
}

const SIGN_IN = 'sign-in';

/** With all its certificates it is a tenth of the server, and most servers never meet a passkey. */
const webAuthn = () => import('@simplewebauthn/server');

export class Passkeys {
  private readonly db: Db;
  private readonly users: Users;
  private readonly challenges: Challenges;
  private readonly failures = new Attempts(60_000, LIMITS.sign_in_failures_remembered_max);

  constructor(db: Db, users: Users, challenges: Challenges) {
    this.db = db;
    this.users = users;
    this.challenges = challenges;
  }

  async listed(userId: string): Promise<AccountPasskey[]> {
    return (await this.rows(userId)).map(({ id, name, rp_id, synced, created_at, used_at }) => ({
      id,
      name,
      host: rp_id,
      synced: synced === 1,
      created_at,
      used_at,
    }));
  }

  /** What the browser hands to the authenticator to make a new one. */
  async creation(user: UserRow, { host }: Place) {
    const known = await this.rows(user.id);
    const { generateRegistrationOptions } = await webAuthn();
    return generateRegistrationOptions({
      rpName: 'HanabiMatsuri',
      rpID: host,
      userName: user.name,
      userDisplayName: user.name,
      userID: new Uint8Array(Buffer.from(user.id)),
      challenge: this.challenges.make(`register ${user.id}`),
      timeout: LIMITS.passkey_challenge_ms,
      attestationType: 'none',
      excludeCredentials: known.map(({ id, transports }) => ({ id, transports: JSON.parse(transports) as string[] })),
      // Found by itself at the sign-in, and unlocked by its owner: then it needs neither a name nor a second factor.
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  }

  /** HANABI-A016 when the answer is not one to `creation`, Q002 beyond what one account may have. */
  async add(user: UserRow, place: Place, name: string, answer: RegistrationResponseJSON): Promise<void> {
    const known = await this.rows(user.id);
    if (known.length >= LIMITS.passkeys_per_user_max) {
      throw new HanabiError('HANABI-Q002', `an account has at most ${LIMITS.passkeys_per_user_max} passkeys`);
    }
    const { verifyRegistrationResponse } = await webAuthn();
    const { registrationInfo } = await refusing(() =>
      verifyRegistrationResponse({
        response: answer,
        expectedChallenge: (challenge) => this.challenges.use(challenge, `register ${user.id}`),
        expectedOrigin: place.origins,
        expectedRPID: place.host,
        requireUserVerification: true,
      }),
    );
    if (!registrationInfo) throw new HanabiError('HANABI-A016');
    const { credential, credentialBackedUp } = registrationInfo;
    const row = {
      id: credential.id,
      user_id: user.id,
      rp_id: place.host,
      public_key: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports: JSON.stringify(credential.transports ?? []),
      synced: credentialBackedUp ? 1 : 0,
      name,
      created_at: now(),
      used_at: null,
    };
    // An authenticator may claim the id of somebody else's: that one stays theirs.
    const added = await this.db
      .insertInto('passkeys')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows !== 1n) throw new HanabiError('HANABI-A016');
  }

  /** Returns whether there was one. */
  async remove(userId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('passkeys')
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** What the browser hands to the authenticators that it finds. It names no account. */
  async request({ host }: Place) {
    const { generateAuthenticationOptions } = await webAuthn();
    return generateAuthenticationOptions({
      rpID: host,
      challenge: this.challenges.make(SIGN_IN),
      timeout: LIMITS.passkey_challenge_ms,
      userVerification: 'required',
    });
  }

  /** The user whose passkey answers. HANABI-A016 for every reason why it is none; A003 when it is too much. */
  async signIn(ip: string, place: Place, answer: AuthenticationResponseJSON): Promise<UserRow> {
    const address = addressKey(ip);
    const succeeded = this.failures.count([[address, LIMITS.passkey_failures_of_address_per_minute_max]]);
    const row = await this.db.selectFrom('passkeys').selectAll().where('id', '=', answer.id).executeTakeFirst();
    const user = row && (await this.users.byId(row.user_id));
    if (!user || user.disabled_at !== null || row.rp_id !== place.host) throw new HanabiError('HANABI-A016');
    // The authenticator says whose it believes it to be; a credential that was swapped would say otherwise.
    const handle = answer.response.userHandle;
    if (handle !== undefined && Buffer.from(handle, 'base64url').toString() !== user.id) {
      throw new HanabiError('HANABI-A016');
    }
    await this.verify(row, place, answer);
    succeeded();
    return user;
  }

  private async verify(row: PasskeyRow, place: Place, answer: AuthenticationResponseJSON): Promise<void> {
    const { verifyAuthenticationResponse } = await webAuthn();
    const { verified, authenticationInfo } = await refusing(() =>
      verifyAuthenticationResponse({
        response: answer,
        expectedChallenge: (challenge) => this.challenges.use(challenge, SIGN_IN),
        expectedOrigin: place.origins,
        expectedRPID: row.rp_id,
        requireUserVerification: true,
        credential: {
          id: row.id,
          publicKey: new Uint8Array(Buffer.from(row.public_key, 'base64url')),
          counter: row.counter,
        },
      }),
    );
    if (!verified) throw new HanabiError('HANABI-A016');
    const { newCounter, credentialBackedUp } = authenticationInfo;
    const change = { counter: newCounter, synced: credentialBackedUp ? 1 : 0, used_at: now() };
    await this.db.updateTable('passkeys').set(change).where('id', '=', row.id).execute();
  }

  private rows(userId: string): Promise<PasskeyRow[]> {
    return this.db.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('created_at').execute();
  }
}

/** The library throws a sentence for each way in which an answer is wrong; outside it is one. */
async function refusing<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    throw new HanabiError('HANABI-A016', undefined, { cause });
  }
}

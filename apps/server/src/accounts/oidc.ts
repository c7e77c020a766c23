/** Signing in through another service (OpenID Connect): authorization code with PKCE, state and nonce. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Logger } from 'pino';
import type { AccountKeys } from './account-keys.ts';
import type { Identity } from './identities.ts';

export interface OidcSettings {
  issuer: string;
  client_id: string;
  client_secret: string;
  /** What people know the service by. */
  name: string;
  /** Whether who has no account here gets one. */
  sign_up: boolean;
}

/** What the browser keeps, sealed, until the person comes back. */
interface Begun {
  state: string;
  nonce: string;
  verifier: string;
  redirect_uri: string;
  /** The session that it is to be connected to; null: somebody signs in. */
  session_hash: string | null;
  expires_ms: number;
}

const SEALED_FOR = 'oidc';
const REMEMBERED_MAX = 10_000;
const NAME_CHARS_MAX = 200;

export class Oidc {
  readonly settings: OidcSettings;
  private readonly keys: AccountKeys;
  private readonly log: Logger;
  private configuration: Promise<Configuration> | undefined;
  /** What came back already: a second time it is worth nothing. */
  private readonly finished = new Set<string>();

  constructor(settings: OidcSettings, keys: AccountKeys, log: Logger) {
    this.settings = settings;
    this.keys = keys;
    this.log = log;
  }

  /** Where the browser goes now, and what it brings back. HANABI-A017 while the service cannot be reached. */
  async begin(redirect_uri: string, session_hash: string | null): Promise<{ url: string; sealed: string }> {
    const configuration = await this.discovered();
    const begun: Begun = {
      state: randomState(),
      nonce: randomNonce(),
      verifier: randomPKCECodeVerifier(),
      redirect_uri,
      session_hash,
      expires_ms: Date.now() + LIMITS.oidc_ms_max,
    };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri,
      scope: 'openid profile email',
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, sealed: this.keys.seal(JSON.stringify(begun), SEALED_FOR) };
  }

  /** Who came back, and what for. HANABI-A017 for everything that is not the answer to what this browser began. */
  async finish(
    query: string,
    sealed: string | undefined,
  ): Promise<{ identity: Identity; session_hash: string | null }> {
    const begun = this.unsealed(sealed);
    if (this.finished.size >= REMEMBERED_MAX) this.finished.delete(this.finished.values().next().value!);
    this.finished.add(begun.state);
    const url = new URL(begun.redirect_uri);
    url.search = query;
    try {
      const tokens = await authorizationCodeGrant(await this.discovered(), url, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const name = [claims['preferred_username'], claims['name'], claims['email'], claims.sub].find(isText)!;
      const identity = { issuer: claims.iss, subject: claims.sub, name: name.slice(0, NAME_CHARS_MAX) };
      return { identity, session_hash: begun.session_hash };
    } catch (cause) {
      this.log.warn({ err: cause }, 'a sign-in through the other service was refused');
      throw new HanabiError('HANABI-A017', undefined, { cause });
    }
  }

  private unsealed(sealed: string | undefined): Begun {
    try {
      const begun = JSON.parse(this.keys.unseal(sealed ?? '', SEALED_FOR)) as Begun;
      if (Date.now() < begun.expires_ms && !this.finished.has(begun.state)) return begun;
    } catch {
      // Said below: whoever sealed it, it was not us.
    }
    throw new HanabiError('HANABI-A017', 'it was not begun in this browser, or too long ago');
  }

  /** Asked for once it is needed, and again after it failed: the service may start after us. */
  private async discovered(): Promise<Configuration> {
    const { issuer, client_id, client_secret } = this.settings;
    const url = new URL(issuer);
    // The settings allow that only on this very machine.
    const execute = url.protocol === 'http:' ? [allowInsecureRequests] : [];
    this.configuration ??= discovery(url, client_id, client_secret, undefined, { execute });
    try {
      return await this.configuration;
    } catch (cause) {
      this.configuration = undefined;
      this.log.error({ err: cause }, 'the service of HANABI_OIDC_ISSUER cannot be reached');
      throw new HanabiError('HANABI-A017', 'it cannot be reached', { cause });
    }
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

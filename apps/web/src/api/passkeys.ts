/** Passkeys in the browser. The library is fetched when somebody uses one. */
import { DESKTOP_PATHS, HanabiError } from '@hanabi/protocol';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { request, requestJson } from './request.ts';

const { account, entrance } = DESKTOP_PATHS;

/** Browsers offer them only over TLS, or on this very machine. */
export function passkeysPossible(): boolean {
  return isSecureContext && typeof PublicKeyCredential === 'function';
}

/** Asks the person for a passkey; null when they would rather not. What to send as the proof of who they are. */
export async function askForPasskey(): Promise<{ answer: unknown } | null> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const optionsJSON = await requestJson<PublicKeyCredentialRequestOptionsJSON>(`${entrance}/passkey`, {
    method: 'POST',
  });
  return asked(() => startAuthentication({ optionsJSON }));
}

/** Has a new passkey made and kept for the account. Returns whether the person made one. */
export async function addPasskey(name: string): Promise<boolean> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const begin = `${account}/passkeys/begin`;
  const optionsJSON = await requestJson<PublicKeyCredentialCreationOptionsJSON>(begin, { method: 'POST' });
  const made = await asked(() => startRegistration({ optionsJSON }));
  if (!made) return false;
  await request(`${account}/passkeys`, { method: 'POST', json: { name, ...made } });
  return true;
}

async function asked(ask: () => Promise<unknown>): Promise<{ answer: unknown } | null> {
  try {
    return { answer: await ask() };
  } catch (cause) {
    // So that nobody learns what passkeys there are, a browser says the same when none fits and when the person declines.
    if (cause instanceof Error && (cause.name === 'NotAllowedError' || cause.name === 'AbortError')) return null;
    throw new HanabiError('HANABI-A016', undefined, { cause });
  }
}

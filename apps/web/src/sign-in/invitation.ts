/** What the part of the address behind the # says, which is never sent anywhere. */
import { HanabiError, isErrorCode } from '@hanabi/protocol';

/** The secret of a link such as `https://desktop.example/#invitation=…`. */
const PREFIX = '#invitation=';

/** The token that the page was opened with; it is taken out of the address, so that nobody finds it there later. */
export function takeInvitation(): string | null {
  if (!location.hash.startsWith(PREFIX)) return null;
  const token = location.hash.slice(PREFIX.length);
  history.replaceState(null, '', location.pathname);
  return token;
}

const FAILED = '#failed=';

/** Why a sign-in through another service, which led back to this page, did not work; asked once. */
export function takeFailure(): HanabiError | null {
  if (!location.hash.startsWith(FAILED)) return null;
  const code = location.hash.slice(FAILED.length);
  history.replaceState(null, '', location.pathname);
  // Anybody can make such a link, so it chooses among our own sentences and brings none.
  return new HanabiError(isErrorCode(code) ? code : 'HANABI-A017');
}

export function invitationLink(token: string): string {
  return `${location.origin}/${PREFIX}${token}`;
}

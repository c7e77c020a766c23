/** The one live channel of this desktop. */
import { DESKTOP_PATHS, type Session } from '@hanabi/protocol';
import { csrfToken, requestJson, tellSessionEnded, useCsrfToken } from '../api/request.ts';
import { signedIn } from '../api/signed-in.ts';
import { LiveChannel } from './live-channel.ts';

export const live = new LiveChannel({ csrfToken, refused: () => void askWhy() });

/**
 * A handshake that is refused says nothing to a page. An ordinary request does: that the session has ended, and who is
 * listening for that hears of it; or that there is another one of the same person, whose token is used from then on.
 */
async function askWhy(): Promise<void> {
  try {
    const session = await requestJson<Session | null>(DESKTOP_PATHS.session);
    if (session?.user.id === signedIn.userId) useCsrfToken(session.csrf_token);
    else tellSessionEnded();
  } catch {
    // The server is away; the next attempt will see.
  }
}

/** Who is signed in, and what the page shows while nobody is. */
import type { HanabiError, Session } from '@hanabi/protocol';
import { api } from './api/client.ts';
import { onSessionEnded } from './api/request.ts';
import { preferences } from './settings/preferences.svelte.ts';
import { asHanabiError } from './ui/as-hanabi-error.ts';

type Phase = 'loading' | 'unreachable' | 'signed-out' | 'signed-in' | 'expired';

export class SessionState {
  phase = $state<Phase>('loading');
  current = $state.raw<Session | null>(null);
  error = $state.raw<HanabiError | null>(null);
  /** Whether the person has signed in on this page, and not on an earlier one. */
  arrived = false;

  constructor() {
    // Only a desktop in use can lose its session; the first question after a session is answered in load().
    onSessionEnded(() => {
      if (this.phase === 'signed-in') this.phase = 'expired';
    });
  }

  async load(): Promise<void> {
    this.phase = 'loading';
    try {
      this.#enter(await api.session());
    } catch (cause) {
      this.error = asHanabiError(cause);
      this.phase = 'unreachable';
    }
  }

  async signIn(name: string, password: string, code?: string): Promise<void> {
    this.#enter(await api.signIn(name, password, code));
  }

  async signInWithPasskey(proof: { answer: unknown }): Promise<void> {
    this.#enter(await api.signInWithPasskey(proof));
  }

  /** Makes an account and goes in; without a token where everybody may. */
  async signUp(token: string | undefined, name: string, password: string): Promise<void> {
    this.#enter(await api.signUp(token, name, password));
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.forget();
  }

  /** Leaves the desktop of a session that has already ended on the server. */
  forget(): void {
    api.leave();
    preferences.forget();
    this.#enter(null);
  }

  #enter(session: Session | null): void {
    this.error = null;
    this.arrived = session !== null && (this.arrived || this.phase === 'signed-out');
    this.current = session;
    if (session) preferences.take(session.preferences);
    this.phase = session ? 'signed-in' : 'signed-out';
  }
}

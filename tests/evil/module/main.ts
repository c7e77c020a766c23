/** The whole of the module's script, built into its package, and into a page that has no walls around it. */
import { CHANNELS, CONNECTIONS, NAMES, OF_ONE_ORIGIN } from './channels.ts';
import { MOVES } from './moves.ts';
import { REACHES } from './reaches.ts';

declare global {
  interface Window {
    /** Begins an attempt; what comes of it the listener hears. */
    attempt(name: string, to: string): void;
    /** `got`, or how it was refused. */
    reach(name: string): Promise<string>;
  }
}

const ATTEMPTS = { ...CHANNELS, ...OF_ONE_ORIGIN, ...CONNECTIONS, ...NAMES, ...MOVES };

window.attempt = (name, to) => {
  void (async () => ATTEMPTS[name]!(to))().catch((error: unknown) => console.info(`${name}: ${String(error)}`));
};

window.reach = async (name) => {
  // What is evaluated for a test may do more than a script of the page; after this it is one.
  await new Promise((resolve) => setTimeout(resolve));
  try {
    await REACHES[name]!();
    return 'got';
  } catch (error) {
    return `refused: ${error instanceof Error ? error.name : 'event'}`;
  }
};

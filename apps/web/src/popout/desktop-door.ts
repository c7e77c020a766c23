/**
 * What a module in a browser window of its own asks of the desktop goes to the page that opened the window: the folder or
 * the module that it opens, its notifications and its badge belong there.
 */
import type { HostServices } from '../bridge/host-services.ts';

const CALLS = ['notify', 'setBadge', 'openFolder', 'openModule', 'filesChanged'] as const;
type Call = (typeof CALLS)[number];
export type DesktopServices = Pick<HostServices, Call>;

interface Knock {
  hanabi_popout: Call;
  args: unknown[];
}

function ask(call: Call, args: unknown[]): void {
  (globalThis.opener as Window | null)?.postMessage({ hanabi_popout: call, args } satisfies Knock, location.origin);
}

/** For the page in the other window. */
export function servicesOfOpener(): DesktopServices {
  return {
    notify: (...args) => ask('notify', args),
    setBadge: (...args) => ask('setBadge', args),
    openFolder: (...args) => ask('openFolder', args),
    openModule: async (...args) => ask('openModule', args),
    filesChanged: () => ask('filesChanged', []),
  };
}

/** For the desktop. Returns what ends it. */
export function answerPopouts(services: DesktopServices): () => void {
  const hear = (event: MessageEvent) => {
    const { origin, source } = event;
    // The pages of modules have another origin or none; our own, in a window that this page opened, passed on what the
    // bridge there has checked.
    if (origin !== location.origin || (source as Window | null)?.opener !== globalThis.window) return;
    // Only now: what a module sends is read, and the time for it charged, by its bridge.
    const { hanabi_popout: call, args } = event.data as Knock;
    if (CALLS.includes(call)) void (services[call] as (...values: unknown[]) => unknown)(...args);
  };
  addEventListener('message', hear);
  return () => removeEventListener('message', hear);
}

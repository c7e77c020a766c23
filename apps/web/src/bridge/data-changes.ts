/** Tells the other windows of a module, in this tab and the others, of documents that one of them changed. */
import type { EventPayloads } from '@hanabi/protocol';
import { signedIn } from '../api/signed-in.ts';

export type DataChange = EventPayloads['HANABI_DATA_CHANGED'] & { userId: string; moduleId: string };

type Listener = (change: DataChange) => void;

const listeners = new Set<Listener>();
/** Between tabs of the same origin; the frames of modules have none, and cannot listen in. */
const tabs = new BroadcastChannel('hanabi.data-changes');
tabs.addEventListener('message', ({ data }: MessageEvent<DataChange>) => tell(data));

/** Returns the way to stop listening. */
export function onDataChanged(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** `by` is the listener of the window that changed it, which knows. */
export function announceDataChanged(change: Omit<DataChange, 'userId'>, by: Listener): void {
  const named = { ...change, userId: signedIn.userId };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin, its own
  tabs.postMessage(named);
  tell(named, by);
}

function tell(change: DataChange, except?: Listener): void {
  // Another tab may still show the desktop of somebody who has left.
  if (change.userId !== signedIn.userId) return;
  for (const listener of listeners) if (listener !== except) listener(change);
}

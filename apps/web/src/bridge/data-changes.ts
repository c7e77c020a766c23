/**
 * Tells the windows of a module of documents that something else changed. The server says so over the live channel,
 * whoever did it and wherever; while there is no channel, the tabs of this browser tell each other what they do.
 */
import type { EventPayloads } from '@hanabi/protocol';
import { signedIn } from '../api/signed-in.ts';
import { live } from '../live/live.ts';

export interface DataChange {
  moduleId: string;
  change: EventPayloads['HANABI_DATA_CHANGED'];
  /** The launch whose window did it, and knows. */
  by: string | null;
}

type Listener = (change: DataChange) => void;

const listeners = new Set<Listener>();
/** Between tabs of the same origin; the frames of modules have none, and cannot listen in. */
const tabs = new BroadcastChannel('hanabi.data-changes');
tabs.addEventListener('message', ({ data }: MessageEvent<DataChange & { userId: string }>) => {
  // Another tab may show the desktop of somebody else, and what the server tells it tells by itself.
  if (data.userId === signedIn.userId && !live.isOpen) tell(data);
});
live.onEvent((event) => {
  if (event.topic !== 'data') return;
  const { module_id: moduleId, by, collection, id, version } = event;
  tell({ moduleId, by, change: { collection, id, version } });
});

/** Returns the way to stop listening. */
export function onDataChanged(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function announceDataChanged(change: DataChange): void {
  if (live.isOpen) return;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin, its own
  tabs.postMessage({ ...change, userId: signedIn.userId });
  tell(change);
}

function tell(change: DataChange): void {
  for (const listener of listeners) listener(change);
}

/** What a server and an executor do alike: they begin to work, keep the Python libraries of modules, and leave in order. */
import type { ServerKind } from '@hanabi/protocol';
import type { Context } from './context.ts';
import { prepareLibraries } from './modules/shipped.ts';
import { hostActivities } from './workflows/host-activities.ts';

export async function beginWork(context: Context, kind: ServerKind): Promise<void> {
  await context.presence.begin(kind);
  await context.jobs.start();
  await context.services.start();
  await context.workflows.start(hostActivities(context));
}

/** Calls `close` once when the process is to end, and ends it then. The signal says that this has begun. */
export function untilStopped(close: () => Promise<void>): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    void close().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Without its parent nobody owns the sandboxes.
  process.on('disconnect', stop);
  return stopping.signal;
}

export async function keepLibraries(context: Context, stopping: AbortSignal): Promise<void> {
  await prepareLibraries(context, stopping).catch((error: unknown) => {
    context.log.error({ err: error }, 'the Python libraries of modules could not be looked after');
  });
}

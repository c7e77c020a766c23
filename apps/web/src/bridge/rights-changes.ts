/**
 * Keeps the bridges of open windows in step with what is granted. Their checks only make refusals quick; but what the
 * desktop answers by itself, nobody else would refuse.
 */
import type { ModuleSummary } from '@hanabi/protocol';
import { api } from '../api/client.ts';
import { onModulesChanged } from '../live/on-modules-changed.ts';

type Listener = (modules: readonly ModuleSummary[]) => void;

const listeners = new Set<Listener>();
let asked = 0;

onModulesChanged(() => {
  if (listeners.size > 0) void ask();
});

/** Returns the way to stop listening. */
export function onRightsChanged(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

async function ask(): Promise<void> {
  const turn = (asked += 1);
  try {
    const modules = await api.modules();
    // An older answer must not undo a newer one.
    if (turn === asked) for (const listener of listeners) listener(modules);
  } catch {
    // The channel will say that something was missed when it is back.
  }
}

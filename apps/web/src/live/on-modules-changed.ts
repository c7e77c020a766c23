import { live } from './live.ts';

/** Calls back when modules, or what is granted to them, have changed or may have. Returns the way to stop listening. */
export function onModulesChanged(listener: () => void): () => void {
  return live.onEvent(({ topic }) => {
    if (topic === 'rights' || topic === 'missed') listener();
  });
}

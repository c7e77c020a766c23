import type { PythonCheck } from '@hanabi/module-package';
import { checkPython } from '@hanabi/sandbox';
import { withSandbox } from './with-sandbox.ts';

/** Looks in a sandbox whether Python files parse; where there is none, the validator says that nobody looked. */
export function pythonCheck(backend: string | undefined): PythonCheck {
  return (files) =>
    withSandbox(backend, async (sandbox, signal) => {
      const { ready, note } = await sandbox.status();
      return ready ? checkPython(sandbox, files, signal) : { ok: false, reason: note };
    });
}

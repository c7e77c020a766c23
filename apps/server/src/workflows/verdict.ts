/** What a history says about new code, as the reviewer of that code is told it. */
import type { WorkflowVerdict } from '@hanabi/protocol';
import { HanabiError } from '@hanabi/protocol';
import type { Playback } from '@hanabi/sandbox';
import type { RunRow } from './history.ts';
import { isWritten, type SourceFiles } from './source-files.ts';
import { framesIn } from './traced.ts';

/** What may be told of a run: everything, to who owns it; else nothing that can come from its owner's data. */
export interface Telling {
  readonly viewer_id: string;
  /** Of the version that is tried. */
  readonly tried: SourceFiles;
  /** Of all versions whose names may be told. */
  readonly known: readonly SourceFiles[];
}

const UNTOLD = '…';
/** What the interpreter and the engine raise themselves. */
const EXCEPTIONS = new Set(
  'ArithmeticError AssertionError AttributeError ImportError IndexError KeyError LookupError ModuleNotFoundError NameError NondeterminismError PotentialDeadlockError RecursionError RestrictedWorkflowAccessError RuntimeError SyntaxError TypeError UnboundLocalError ValueError ZeroDivisionError'.split(
    ' ',
  ),
);

/** Code that cannot be loaded, or is not there, leaves every workflow where it stands. */
const NO_CODE = new Set(['HANABI-W013', 'HANABI-W028']);

export function verdictOf(run: RunRow, outcome: Playback | HanabiError, telling: Telling): WorkflowVerdict {
  const isOwn = run.user_id === telling.viewer_id;
  const told = (name: string) => (isOwn || EXCEPTIONS.has(name) || isWritten(telling.known, name) ? name : UNTOLD);
  const untold: WorkflowVerdict = {
    run_id: run.run_id,
    id: isOwn ? run.workflow_id : null,
    workflow: told(run.workflow_type),
    is_open: run.status === 'RUNNING',
    started_at: new Date(run.started_ms).toISOString(),
    result: 'fits',
    is_stuck: run.failures > 0,
    apart: null,
    failure: '',
    place: null,
    error: null,
  };
  if (outcome instanceof HanabiError) {
    const { code, message } = outcome;
    return { ...untold, result: NO_CODE.has(code) ? 'breaks' : 'untried', error: { code, message } };
  }
  const { problem } = outcome;
  if (!problem) return untold;
  const { apart, failure, stack } = problem;
  const [place] = framesIn(telling.tried, stack);
  return {
    ...untold,
    result: 'breaks',
    apart: apart
      ? {
          event_id: apart.eventId ?? null,
          history: inWords(apart.expected, told),
          code: inWords(apart.got, told),
        }
      : null,
    failure: failure ? told(failure.applicationFailureInfo?.type ?? 'Exception') : '',
    place: place ? { path: place.path, line: place.line } : null,
  };
}

/** "ACTIVITY_TASK_SCHEDULED greet": the kind is the engine's word, the name is the author's. Numbers of timers are small. */
function inWords(signature: string, told: (name: string) => string): string {
  const [, kind, name = ''] = /^([A-Z_]+) (.*)$/s.exec(signature) ?? [];
  return kind === undefined || /^\d{1,6}$/.test(name) ? signature : `${kind} ${told(name)}`;
}

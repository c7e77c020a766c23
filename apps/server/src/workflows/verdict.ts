/** What a history says about new code, as the reviewer of that code is told it. */
import type { WorkflowVerdict } from '@hanabi/protocol';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { type Failure, isCommandEvent, NOTHING_DONE, NOTHING_MORE, type Playback } from '@hanabi/sandbox';
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
  const told = (name: string) => (isOwn || isKnown(name, telling.known) ? name : UNTOLD);
  const words = (signature: string) => (isOwn ? signature : inWords(signature, told));
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
    const { code } = outcome;
    // Its details may be words of the process that failed.
    const { message } = isOwn ? outcome : new HanabiError(code);
    return { ...untold, result: NO_CODE.has(code) ? 'breaks' : 'untried', error: { code, message } };
  }
  const { problem } = outcome;
  if (!problem) return untold;
  const { apart, failure, stack } = problem;
  const place = framesIn(telling.tried, stack).find(({ path, line }) => line <= linesOf(telling.tried, path));
  return {
    ...untold,
    result: 'breaks',
    apart: apart
      ? {
          event_id: apart.eventId ?? null,
          history: words(apart.expected),
          code: words(apart.got),
        }
      : null,
    failure: failure ? told(nameOf(failure)) : '',
    place: place ? { path: place.path, line: place.line } : null,
  };
}

/** Whether the name says nothing that is not in code, or in every Python. */
function isKnown(name: string, known: readonly SourceFiles[]): boolean {
  return EXCEPTIONS.has(name) || (name.length <= LIMITS.workflow_trace_name_chars_max && isWritten(known, name));
}

/** As the process says it, which may be anything. */
function nameOf({ applicationFailureInfo }: Failure): string {
  const type: unknown = applicationFailureInfo?.type;
  return typeof type === 'string' ? type : 'Exception';
}

function linesOf(sources: SourceFiles, path: string): number {
  return sources.get(path)?.split('\n').length ?? 0;
}

/** "ACTIVITY_TASK_SCHEDULED greet": the kind is the engine's word, the name is the author's. Numbers of timers are small. */
function inWords(signature: string, told: (name: string) => string): string {
  if (signature === NOTHING_DONE || signature === NOTHING_MORE) return signature;
  const [, kind = '', name] = /^([A-Z_]+)(?: (.*))?$/s.exec(signature) ?? [];
  if (!isCommandEvent({ eventType: kind })) return UNTOLD;
  if (name === undefined) return kind;
  const isNumber = kind.startsWith('TIMER_') && /^\d{1,6}$/.test(name);
  return `${kind} ${isNumber ? name : told(name)}`;
}

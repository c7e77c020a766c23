import { HanabiError, LIMITS } from '@hanabi/protocol';
import { EngineError } from '@hanabi/sandbox';

/** Throws what a cluster refuses with as one of our codes. */
export function refusalOf(error: unknown): never {
  if (!(error instanceof EngineError)) throw error;
  const message = error.message.slice(0, LIMITS.workflow_query_failure_chars_max).toWellFormed();
  switch (error.kind) {
    case 'NOT_FOUND':
      throw new HanabiError('HANABI-W029');
    case 'ALREADY_STARTED':
      throw new HanabiError('HANABI-W030');
    case 'QUERY_FAILED':
      throw new HanabiError('HANABI-W031', message);
    case 'INVALID_ARGUMENT':
      throw new HanabiError('HANABI-V002', message);
    case 'TIMED_OUT':
      throw new HanabiError('HANABI-W032', 'no answer in time', { cause: error });
    case 'UNAVAILABLE':
      throw new HanabiError('HANABI-W032', 'it does not answer', { cause: error });
    default:
      throw new HanabiError('HANABI-W032', 'it refuses', { cause: error });
  }
}

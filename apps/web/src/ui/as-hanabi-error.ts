import { type ErrorCode, HanabiError } from '@hanabi/protocol';

/** Whatever was thrown, as a failure that can be shown. */
export function asHanabiError(cause: unknown, otherwise: ErrorCode = 'HANABI-V009'): HanabiError {
  return cause instanceof HanabiError ? cause : new HanabiError(otherwise, undefined, { cause });
}

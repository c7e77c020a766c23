import { HanabiError } from '@hanabi/protocol';

/** Whatever was thrown, as a failure that can be shown. */
export function asHanabiError(cause: unknown): HanabiError {
  return cause instanceof HanabiError ? cause : new HanabiError('HANABI-V009', undefined, { cause });
}

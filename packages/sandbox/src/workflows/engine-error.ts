/** Why the engine refuses; clients branch on it. */
export type EngineErrorKind =
  | 'NOT_FOUND'
  | 'ALREADY_STARTED'
  | 'QUERY_FAILED'
  | 'FAILED_PRECONDITION'
  | 'INVALID_ARGUMENT'
  | 'TIMED_OUT'
  | 'UNAVAILABLE'
  | 'INTERNAL';

export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(kind: EngineErrorKind, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.kind = kind;
    this.details = details;
  }
}

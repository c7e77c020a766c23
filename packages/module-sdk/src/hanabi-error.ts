import type { ErrorBody, ErrorCategory, ErrorCode } from '@hanabi/protocol';

/** A request that failed: `code` is stable and can be looked up, `message` is a sentence for a person. */
export class HanabiError extends Error {
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  /** Last lines that a worker printed, when a job failed. */
  readonly log: string | undefined;
  readonly jobId: string | undefined;
  /** Where the operator finds the cause of an internal failure. */
  readonly requestId: string | undefined;

  constructor(body: ErrorBody) {
    super(body.message);
    this.name = 'HanabiError';
    this.code = body.code;
    this.category = body.category;
    this.log = body.log;
    this.jobId = body.jobId;
    this.requestId = body.requestId;
  }
}

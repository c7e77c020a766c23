/** What the code did, where it did nothing that leaves an event. */
export const NOTHING_DONE = 'nothing';

/** What history has, where it has nothing that the code should do. */
export const NOTHING_MORE = 'no further command';

/** The code did something else than its history says. `expected` is what history has there, `got` what the code did. */
export class NondeterminismError extends Error {
  readonly expected: string;
  readonly got: string;
  /** The event at which they part. */
  readonly eventId: number | undefined;

  constructor(expected: string, got: string, eventId: number | undefined) {
    const place = eventId === undefined ? '' : ` (event ${eventId})`;
    super(`Nondeterminism: history has ${expected}${place}, but the workflow did ${got}`);
    this.expected = expected;
    this.got = got;
    this.eventId = eventId;
  }
}

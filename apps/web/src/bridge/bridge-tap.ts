import type { ErrorBody, HanabiError, HanabiEvent, Launch, RequestEnvelope, Rights } from '@hanabi/protocol';

/** How somebody else than the host answers one request: with events, and one of the two ends. */
export interface AnswerWays {
  event: (event: HanabiEvent) => void;
  fulfil: (data: unknown) => void;
  refuse: (error: ErrorBody) => void;
}

/**
 * Sees what passes one bridge, for the debugger. What it is handed is what the page sent, or will be sent: it must change
 * nothing, and must have taken of transferred bytes what it wants before it returns.
 */
export interface BridgeTap {
  /** A bridge begins, and another one each time its window opens the module again. */
  begins: (launch: Launch, sendEvent: (event: Record<string, unknown>) => void) => void;
  received?: (envelope: RequestEnvelope) => void;
  /** A message that is no envelope, and what is said about it. */
  unreadable?: (error: ErrorBody) => void;
  /** The server is asked. */
  passedOn?: (rid: string) => void;
  /** A reply, or an event. */
  sent?: (message: Readonly<Record<string, unknown>>) => void;
  rightsChanged?: (granted: Rights['granted']) => void;
  /** The page is left to itself; without an error the person closed the window. */
  ended?: (error: HanabiError | null) => void;
  /** Answers in place of the host, which then does nothing for this page. */
  answer?: (envelope: RequestEnvelope, ways: AnswerWays) => void;
}

/** What a connector does with its calls: each is one small file on this shape, and knows nothing of rows and keys. */
import type { ConnectorKind, ConnectorParams, FieldOf } from '@hanabi/protocol';
import type { Decimal } from './money.ts';

export interface ConnectorRequest {
  method: 'GET' | 'POST';
  /** Put behind the address of the connection as it stands: path and query. */
  path: string;
  headers?: Record<string, string>;
  /** JSON text. */
  body?: string;
}

export interface ConnectorAnswer {
  status: number;
  headers: Record<string, string>;
  /** Undefined where the body is no JSON object. No secret of the connection is in it any more. */
  json: Record<string, unknown> | undefined;
}

/** What a call works with, for as long as it takes. */
export interface Session<Kind extends ConnectorKind> {
  fields: Readonly<Record<FieldOf<Kind>, string>>;
  send(request: ConnectorRequest): Promise<ConnectorAnswer>;
  /** An order is counted against the limits of the user, then `place` sends it. */
  spend<Result>(order: SpendingOrder, place: () => Promise<Result>): Promise<Result>;
}

interface SpendingOrder {
  symbol: string;
  /** In the currency that the limits are in, with which the symbol ends. */
  cost: Decimal;
}

export interface Connector<Kind extends ConnectorKind> {
  calls: {
    [Call in keyof ConnectorParams<Kind>]: (
      params: ConnectorParams<Kind>[Call],
      session: Session<Kind>,
    ) => Promise<unknown>;
  };
  /** Asks for something harmless that needs the credentials. Who the service says that it is. */
  test(session: Session<Kind>): Promise<string>;
}

/** The other service said no. What it says goes to the program as a dict with an "error" key. */
export class Refusal extends Error {
  readonly retry_after_s: number | undefined;
  /** Whether nothing can have come of what was asked for. */
  readonly isFinal: boolean;

  constructor(
    message: string,
    { retry_after_s, isFinal = true }: { retry_after_s?: number | undefined; isFinal?: boolean } = {},
  ) {
    super(message);
    this.retry_after_s = retry_after_s;
    this.isFinal = isFinal;
  }
}

/** What stands for an answer that is none. */
export function unreadable({ status }: ConnectorAnswer): Refusal {
  return new Refusal(`status ${status}, and not the JSON that was expected`, {
    isFinal: status < 500 && status >= 400,
  });
}

/** Of a Retry-After header in seconds. */
export function retryAfter_s(headers: Record<string, string>): number | undefined {
  const seconds = Number(headers['retry-after'] ?? 'none');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

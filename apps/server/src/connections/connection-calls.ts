/**
 * One call with the credentials of a connection: opened for as long as it takes, sent by the process that makes the
 * requests, on record without a secret, and with none in what comes back.
 */
import { type ConnectorKind, type ErrorCode, HanabiError, LIMITS } from '@hanabi/protocol';
import type { HostFetch, NetworkPolicy, NetworkRules } from '@hanabi/sandbox';
import type { Audit, AuditedJob } from '../audit.ts';
import { type Fields, secretsOf } from './connection-fields.ts';
import type { ConnectionRow, ConnectionStore } from './connection-store.ts';
import { type ConnectorAnswer, type ConnectorRequest, Refusal, type Session } from './connector.ts';
import type { Credentials } from './credentials.ts';
import type { Spending } from './spending.ts';

/** On whose behalf: a module, or the user who tries it out. */
export interface Caller extends Pick<AuditedJob, 'user_id' | 'module_id' | 'module_version'> {
  signal: AbortSignal;
}

export interface CallParts {
  store: ConnectionStore;
  credentials: Credentials;
  spending: Spending;
  /** Who makes the requests. */
  egress: HostFetch;
  audit: Audit;
  network: NetworkRules;
}

/** What a program is told where the other service refused, or has asked to be left alone. */
export interface Refused {
  error: string;
  code: ErrorCode;
  /** In seconds. */
  retry_after?: number;
}

/** In the record of requests in place of a job. */
const CONNECTION = 'connection';
const HIDDEN = '•••';
/** Refused before anything was sent. */
const NOT_SENT: ReadonlySet<string> = new Set(['HANABI-N001', 'HANABI-N002', 'HANABI-N003', 'HANABI-N009']);

export class ConnectionCalls {
  private readonly parts: CallParts;
  /** By connection, until when (ms since 1970) its service asked to be left alone. */
  private readonly pauses = new Map<string, number>();

  constructor(parts: CallParts) {
    this.parts = parts;
  }

  /** `name`: of the call, for the record. */
  async perform<Kind extends ConnectorKind, Result>(
    row: ConnectionRow,
    caller: Caller,
    name: string,
    work: (session: Session<Kind>) => Promise<Result>,
  ): Promise<Result | Refused> {
    const path = `connections/${row.id}/${name}`;
    const recorder = new Recorder(this.parts.audit, caller, path);
    try {
      this.requireRested(row.id);
      const fields = await this.parts.credentials.open(row);
      return await work(this.sessionOf(row, fields, caller, recorder));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        if (error instanceof HanabiError) recorder.refused(error.code);
        throw error;
      }
      const known = new HanabiError('HANABI-N012', error.message);
      recorder.refused(known.code);
      return this.told(row.id, known, error.retry_after_s);
    } finally {
      await this.parts.store.used(row);
    }
  }

  private sessionOf<Kind extends ConnectorKind>(
    row: ConnectionRow,
    fields: Fields,
    caller: Caller,
    recorder: Recorder,
  ): Session<Kind> {
    return {
      fields,
      send: (request) => this.send(row.kind, fields, request, caller.signal, recorder),
      spend: async (order, place) => {
        const { spending } = this.parts;
        const seq = await spending.count(row, { ...order, module_id: caller.module_id });
        try {
          return await place();
        } catch (error) {
          if (isNotPlaced(error)) await spending.takeBack(seq);
          throw error;
        }
      },
    };
  }

  private async send(
    kind: ConnectorKind,
    fields: Fields,
    { method, path, headers = {}, body = '' }: ConnectorRequest,
    signal: AbortSignal,
    recorder: Recorder,
  ): Promise<ConnectorAnswer> {
    const address = fields['address']!.replace(/\/$/, '');
    const request = {
      method,
      url: address + path,
      headers: Object.entries(body === '' ? headers : { ...headers, 'content-type': 'application/json' }),
      body: Buffer.from(body),
    };
    const { record, outcome } = await this.parts.egress(request, policyOf(address, this.parts.network), signal);
    recorder.sent(record);
    if (outcome instanceof HanabiError) throw outcome;
    const secrets = secretsOf(kind, fields);
    return { status: outcome.status, headers: outcome.headers, json: readJson(outcome.body, secrets) };
  }

  private requireRested(id: string): void {
    const left_ms = (this.pauses.get(id) ?? 0) - Date.now();
    if (left_ms > 0) throw new Refusal('it has asked to be left alone', { retry_after_s: Math.ceil(left_ms / 1000) });
    this.pauses.delete(id);
  }

  private told(id: string, { message: error, code }: HanabiError, retry_after_s: number | undefined): Refused {
    if (retry_after_s === undefined) return { error, code };
    this.pauses.set(id, Date.now() + Math.min(retry_after_s * 1000, LIMITS.connection_pause_ms_max));
    return { error, code, retry_after: retry_after_s };
  }
}

type FetchRecord = Awaited<ReturnType<HostFetch>>['record'];

const NOTHING_SENT = {
  method: '',
  origin: '',
  status: null,
  sent_bytes: 0,
  received_bytes: 0,
  requests: 0,
  wall_ms: 0,
};

/** Writes down each request of a call, or the one refusal that kept it from being made. Paths are not those of the requests. */
class Recorder {
  private readonly audit: Audit;
  private readonly by: AuditedJob;
  private readonly path: string;
  private isOnRecord = false;

  constructor(audit: Audit, { user_id, module_id, module_version }: Caller, path: string) {
    this.audit = audit;
    this.by = { user_id, module_id, module_version, job_id: CONNECTION };
    this.path = path;
  }

  sent(record: FetchRecord): void {
    this.isOnRecord = true;
    this.audit.fetched(this.by, { kind: 'fetched', ...record, path: this.path });
  }

  refused(code: ErrorCode): void {
    if (this.isOnRecord) return;
    this.audit.fetched(this.by, { kind: 'fetched', ...NOTHING_SENT, path: this.path, code });
  }
}

/** Where the user says that the service is. Unencrypted only to where the operator lets private addresses be reached. */
function policyOf(address: string, { deny_domains, private_origins }: NetworkRules): NetworkPolicy {
  const { origin, protocol } = new URL(address);
  if (protocol !== 'https:' && !private_origins.includes(origin)) {
    throw new HanabiError('HANABI-N002', `${origin} (credentials go to https: only)`);
  }
  return { origins: [origin], allow_domains: [], deny_domains, private_origins, budget: null };
}

/** Undefined where it is no JSON object. Secrets that the other side repeats are hidden, however they were written. */
function readJson(body: Buffer, secrets: readonly string[]): Record<string, unknown> | undefined {
  const hide = (text: string) =>
    secrets
      .flatMap((secret) => [secret, encodeURIComponent(secret)])
      .reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text);
  try {
    const json: unknown = JSON.parse(hide(body.toString('utf8')), (_, value: unknown) =>
      typeof value === 'string' ? hide(value) : value,
    );
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    return isObject ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isNotPlaced(error: unknown): boolean {
  if (error instanceof Refusal) return error.isFinal;
  return error instanceof HanabiError && NOT_SENT.has(error.code);
}

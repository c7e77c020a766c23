/** The worker's end of a JobEgress: asks with frames, collects answers and records. */
import { FetchAnswerFrame, FRAME_BODY_BYTES_MAX, LIMITS } from '@hanabi/protocol';
import type { FetchLimits } from '../../src/egress/fetch-limits.ts';
import { JobEgress } from '../../src/egress/job-egress.ts';
import type { NetworkPolicy } from '../../src/egress/policy.ts';
import type { FetchRecord } from '../../src/egress/record.ts';
import type { LookUp } from '../../src/egress/resolve.ts';
import { FrameDecoder } from '../../src/frames.ts';

interface Wish {
  url: string;
  method?: string;
  headers?: [string, string][];
  body?: Buffer;
}

interface Got {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  bytes?: Buffer;
  /** Of a refusal. */
  code?: string;
  message?: string;
}

export interface WorkerSide {
  egress: JobEgress;
  records: FetchRecord[];
  ask(wish: Wish | string): Promise<Got>;
}

export function policyOf(changes: Partial<NetworkPolicy> & { opened?: readonly string[] } = {}): NetworkPolicy {
  const { opened = [], ...rest } = changes;
  return { origins: opened, allow_domains: [], deny_domains: [], private_origins: opened, budget: null, ...rest };
}

export interface WorkerSideParts {
  limits?: Partial<FetchLimits>;
  lookUp?: LookUp;
  /** Settles when the worker has read an answer; at once when left out. */
  taken?: () => Promise<void>;
}

export function workerSide(policy: NetworkPolicy | undefined, parts: WorkerSideParts = {}): WorkerSide {
  const records: FetchRecord[] = [];
  const waiting = new Map<number, (got: Got) => void>();
  let last = 0;
  const egress = new JobEgress({
    policy,
    record: (record) => void records.push(record),
    async answer(frames) {
      const decoded = [...new FrameDecoder(FRAME_BODY_BYTES_MAX).push(Buffer.concat(frames))];
      const [head, ...pieces] = decoded;
      const frame = FetchAnswerFrame.parse(head?.kind === 'json' ? head.value : undefined);
      const bytes = Buffer.concat(pieces.map((piece) => (piece.kind === 'bytes' ? piece.bytes : Buffer.alloc(0))));
      const got: Got =
        frame.kind === 'refused'
          ? { code: frame.code, message: frame.message }
          : { status: frame.status, headers: frame.headers, body: bytes.toString(), bytes };
      if (frame.kind === 'fetched' && frame.size_bytes !== bytes.length) throw new Error('a wrong size');
      waiting.get(frame.id)?.(got);
      await parts.taken?.();
    },
    ...(parts.lookUp && { lookUp: parts.lookUp }),
    limits: { ...LIMITS, ...parts.limits },
  });
  return {
    egress,
    records,
    async ask(wish) {
      const {
        url,
        method = 'GET',
        headers = [],
        body = Buffer.alloc(0),
      } = typeof wish === 'string' ? { url: wish } : wish;
      last += 1;
      const id = last;
      const answered = new Promise<Got>((resolve) => waiting.set(id, resolve));
      await egress.begin({ kind: 'fetch', id, method, url, headers, size_bytes: body.length });
      for (let at = 0; at < body.length; at += 65_536) await egress.write(body.subarray(at, at + 65_536));
      return answered;
    },
  };
}

/** What a page asks of the server: so much at a time, and told no faster than the page takes it. */
import { capabilityRow, type CapabilityType, EventFlow, HanabiError, LIMITS } from '@hanabi/protocol';
import { callCapability } from '../api/capability.ts';

interface ServerRequest {
  type: CapabilityType;
  rid: string;
  /** Checked already. */
  payload: Record<string, unknown>;
}

interface ServerRequestsOptions {
  launchId: string;
  /** Ends all of them. */
  signal: AbortSignal;
  /** One is on its way to the server. */
  onpassed: (rid: string) => void;
  /** One that may change files is over, however it ended. */
  onfileschanged: () => void;
}

export class ServerRequests {
  private readonly options: ServerRequestsOptions;
  private pending = 0;
  /** Of streaming requests whose page confirms what it takes, by rid. */
  private readonly flows = new Map<string, EventFlow>();

  constructor(options: ServerRequestsOptions) {
    this.options = options;
  }

  /** Resolves to the answer; what comes before it is told. HANABI-Q002 where too many are under way. */
  async ask({ type, rid, payload }: ServerRequest, onevent: (event: object) => void): Promise<unknown> {
    if (this.pending >= LIMITS.bridge_pending_requests_max) {
      throw new HanabiError('HANABI-Q002', `${LIMITS.bridge_pending_requests_max} requests are already under way`);
    }
    this.pending += 1;
    const { launchId, signal, onpassed, onfileschanged } = this.options;
    onpassed(rid);
    const flow = payload['confirm'] === true ? new EventFlow() : undefined;
    if (flow) this.flows.set(rid, flow);
    const events = callCapability(type, payload, launchId, signal);
    try {
      for (;;) {
        const step = await events.next();
        if (step.done) return step.value;
        onevent(step.value);
        await flow?.sentOne();
      }
    } finally {
      this.pending -= 1;
      if (flow) this.flows.delete(rid);
      if (capabilityRow(type).changes === 'files') onfileschanged();
    }
  }

  /** The page has taken so many events of a request. */
  tookUpTo(rid: string, count: unknown): void {
    this.flows.get(rid)?.tookUpTo(count);
  }

  /** Nobody takes anything any more. */
  close(): void {
    for (const flow of this.flows.values()) flow.close();
  }
}

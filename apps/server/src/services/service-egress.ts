/** The network of one service: what it may reach, how much in a day, and on the record. The supervisor makes the requests. */
import { HanabiError, LIMITS, type Rights } from '@hanabi/protocol';
import { type HostFetch, type HostRequest, type NetworkPolicy, type NetworkRules, Turns } from '@hanabi/sandbox';
import type { Audit } from '../audit.ts';
import { aDayAgo, networkPolicy, withinDay } from '../jobs/network-policy.ts';
import type { InstalledModule } from '../modules/registry.ts';
import type { ServiceOwner } from './service-rows.ts';

/** What stands in the record of requests in place of a job. */
const SERVICE = 'service';

const LOOK_MS = 60_000;

interface EgressParts {
  owner: ServiceOwner;
  module: InstalledModule;
  audit: Audit;
  network: NetworkRules;
  egress: HostFetch;
  /** What is granted at this moment. */
  rights(): Promise<Rights>;
  signal: AbortSignal;
}

interface HostAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export class ServiceEgress {
  private readonly parts: EgressParts;
  private readonly turns: Turns;
  /** Bytes that the day has left, when that was last read. */
  private left = { read_at: -Infinity, bytes: 0 };

  constructor(parts: EgressParts) {
    this.parts = parts;
    this.turns = new Turns(parts.module.quota.fetch_requests_per_s_max ?? LIMITS.fetch_broad_requests_per_s_max);
  }

  /** As the module may reach it: `network.fetch` and the origins of its manifest, or `network.fetch.broad`. */
  async fetch(request: HostRequest): Promise<HostAnswer> {
    const { module, network, signal } = this.parts;
    const policy = networkPolicy(module, await this.parts.rights(), network);
    if (!policy?.budget) return this.send(request, policy);
    await this.turns.take(signal);
    return this.send(request, { ...policy, budget: { ...policy.budget, bytes_max: await this.bytesLeft(policy) } });
  }

  private async send(request: HostRequest, policy: NetworkPolicy | undefined): Promise<HostAnswer> {
    const { owner, module, audit, egress, signal } = this.parts;
    const { record, outcome } = await egress(request, policy, signal);
    const by = { ...owner, module_version: module.version, job_id: SERVICE };
    audit.fetched(by, { kind: 'fetched', ...record });
    this.left.bytes -= record.sent_bytes + record.received_bytes;
    if (outcome instanceof HanabiError) throw outcome;
    return outcome;
  }

  /** The record of a day is long: between two looks at it, what is moved here is taken off. */
  private async bytesLeft(policy: NetworkPolicy): Promise<number> {
    const { owner, module, audit } = this.parts;
    if (performance.now() - this.left.read_at > LOOK_MS) {
      const within = await withinDay(policy, audit, owner.user_id, module);
      // What bounds one job bounds a day of a service, which has no end.
      const moved = await audit.movedBytes({ ...owner, job_id: SERVICE }, aDayAgo());
      const bytes = Math.min(within?.budget?.bytes_max ?? 0, (policy.budget?.bytes_max ?? 0) - moved);
      this.left = { read_at: performance.now(), bytes };
    }
    return Math.max(0, this.left.bytes);
  }
}

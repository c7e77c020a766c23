/** Everything that the program of a service may ask of this server: one table, checked and answered in one place. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  HanabiError,
  HOST_CALLS,
  type HostMethod,
  type HostParams,
  LIMITS,
  type Permission,
  requirePermission,
  type Rights,
} from '@hanabi/protocol';
import { hostFetch, type NetworkRules, type Told } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { Audit } from '../audit.ts';
import { networkPolicy } from '../jobs/network-policy.ts';
import type { InstalledModule } from '../modules/registry.ts';
import type { ServiceFiles } from './service-files.ts';
import type { ServiceOwner, ServiceStore } from './service-store.ts';

export interface GatewayParts {
  owner: ServiceOwner;
  module: InstalledModule;
  store: ServiceStore;
  files: ServiceFiles;
  audit: Audit;
  network: NetworkRules;
  log: Logger;
  /** What is granted at this moment. */
  rights(): Promise<Rights>;
  /** What a desktop may have open has changed. */
  changed(what: 'log' | 'state' | 'monitor'): void;
  signal: AbortSignal;
}

type Answers = { [M in HostMethod]: (params: HostParams[M]) => Promise<unknown> };

/** Beside worker.service, without which nothing runs. */
const NEEDS: Partial<Record<HostMethod, Permission>> = {
  'files.list': 'files.read',
  'files.read': 'files.read',
  'files.write': 'files.write',
  'files.delete': 'files.manage',
};

export class Gateway {
  private readonly parts: GatewayParts;
  /** Up to this moment its turns are used up; a second of them can be saved. */
  private paid_until_ms = 0;

  constructor(parts: GatewayParts) {
    this.parts = parts;
  }

  /** Never throws: a refusal is an answer. */
  async answer(method: string, params: unknown): Promise<Told> {
    try {
      await this.turn();
      return { value: (await this.perform(method, params)) ?? null };
    } catch (error) {
      // Nobody waits for this answer any more.
      if (this.parts.signal.aborted) return { error: 'the service is ended', code: 'HANABI-W016' };
      const known = error instanceof HanabiError ? error : new HanabiError('HANABI-V009');
      if (known !== error) this.parts.log.error({ err: error, method }, 'a service was not answered');
      return { error: known.message, code: known.code };
    }
  }

  /** Each question may cost a write to the disk: a program that asks without end is not to keep others from theirs. */
  private async turn(): Promise<void> {
    const per_s = LIMITS.service_asks_per_s_max;
    const now_ms = performance.now();
    this.paid_until_ms = Math.max(this.paid_until_ms, now_ms - 1000) + 1000 / per_s;
    const wait_ms = this.paid_until_ms - now_ms;
    if (wait_ms > 0) await delay(wait_ms, undefined, { signal: this.parts.signal });
  }

  private async perform(method: string, params: unknown): Promise<unknown> {
    if (!isHostMethod(method)) throw new HanabiError('HANABI-W026', method);
    const parsed = HOST_CALLS[method].safeParse(params);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      throw new HanabiError('HANABI-W026', `${[method, ...path].join('.')}: ${message}`);
    }
    const needed = NEEDS[method];
    if (needed) requirePermission(needed, await this.parts.rights());
    return (this.answers[method] as (params: unknown) => Promise<unknown>)(parsed.data);
  }

  private readonly answers: Answers = {
    'state.get': async ({ key }) => {
      const text = await this.parts.store.get(this.parts.owner, key);
      return { found: text !== undefined, value: text === undefined ? null : (JSON.parse(text) as unknown) };
    },
    'state.set': async ({ key, value }) => {
      await this.parts.store.set(this.parts.owner, key, JSON.stringify(value));
      this.parts.changed('state');
    },
    'state.delete': async ({ key }) => {
      await this.parts.store.delete(this.parts.owner, key);
      this.parts.changed('state');
    },
    'state.keys': () => this.parts.store.keys(this.parts.owner),
    'log.write': async ({ entries }) => {
      await this.parts.store.write(this.parts.owner, entries);
      this.parts.changed('log');
    },
    'files.list': ({ folder }) => this.parts.files.list(folder),
    'files.read': ({ path }) => this.parts.files.read(path),
    'files.write': ({ path, content }) => this.parts.files.write(path, content),
    'files.delete': ({ path }) => this.parts.files.delete(path),
    'http.request': (request) => this.fetch(request),
    'monitor.set': async ({ name, kind, value }) => {
      await this.parts.store.show(this.parts.owner, name, kind, JSON.stringify(value));
      this.parts.changed('monitor');
    },
    'monitor.clear': async ({ name }) => {
      await this.parts.store.hide(this.parts.owner, name);
      this.parts.changed('monitor');
    },
  };

  private async fetch({ method, url, headers, body }: HostParams['http.request']): Promise<unknown> {
    const { owner, module, audit, network, signal } = this.parts;
    const policy = networkPolicy(module, await this.parts.rights(), network);
    const by = { ...owner, module_version: module.version, job_id: 'service' };
    const answer = await hostFetch(
      { method, url, headers: Object.entries(headers), body: Buffer.from(body ?? '') },
      policy,
      (record) => audit.fetched(by, { kind: 'fetched', ...record }),
      signal,
    );
    const most = LIMITS.service_http_answer_bytes_max;
    if (answer.body.length > most) throw new HanabiError('HANABI-N005', `an answer of more than ${most} bytes`);
    return { status: answer.status, headers: answer.headers, body: answer.body.toString('utf8') };
  }
}

function isHostMethod(method: string): method is HostMethod {
  return Object.hasOwn(HOST_CALLS, method);
}

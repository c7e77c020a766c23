/** Everything that the program of a service may ask of this server: one table, checked and answered in one place. */
import {
  type ConnectorMethod,
  HanabiError,
  HOST_CALLS,
  type HostMethod,
  type HostParams,
  isConnectorMethod,
  LIMITS,
  type Permission,
  requirePermission,
  type Rights,
} from '@hanabi/protocol';
import { type Told, Turns } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { ServiceEgress } from './service-egress.ts';
import type { ServiceFiles } from './service-files.ts';
import type { ServiceOwner } from './service-rows.ts';
import type { ServiceStore } from './service-store.ts';

export interface GatewayParts {
  owner: ServiceOwner;
  store: ServiceStore;
  files: ServiceFiles;
  egress: ServiceEgress;
  /** A call with a connection of the user. */
  connector<Method extends ConnectorMethod>(method: Method, params: HostParams[Method]): Promise<unknown>;
  log: Logger;
  /** What is granted at this moment. */
  rights(): Promise<Rights>;
  /** What a desktop may have open has changed. */
  changed(what: 'log' | 'state' | 'monitor'): void;
  signal: AbortSignal;
}

type Answers = { [M in Exclude<HostMethod, ConnectorMethod>]: (params: HostParams[M]) => Promise<unknown> };

/** Beside worker.service, without which nothing runs. */
const NEEDS: Partial<Record<HostMethod, Permission>> = {
  'files.list': 'files.read',
  'files.read': 'files.read',
  'files.write': 'files.write',
  'files.delete': 'files.manage',
};

export class Gateway {
  private readonly parts: GatewayParts;
  /** Each question may cost a write to the disk: a program that asks without end is not to keep others from theirs. */
  private readonly turns = new Turns(LIMITS.service_asks_per_s_max, 1000);

  constructor(parts: GatewayParts) {
    this.parts = parts;
  }

  /** Never throws: a refusal is an answer. */
  async answer(method: string, params: unknown): Promise<Told> {
    try {
      await this.turns.take(this.parts.signal);
      return { value: (await this.perform(method, params)) ?? null };
    } catch (error) {
      // Nobody waits for this answer any more.
      if (this.parts.signal.aborted) return { error: 'the service is ended', code: 'HANABI-W016' };
      const known = error instanceof HanabiError ? error : new HanabiError('HANABI-V009');
      if (known !== error) this.parts.log.error({ err: error, method }, 'a service was not answered');
      return { error: known.message, code: known.code };
    }
  }

  private async perform(method: string, params: unknown): Promise<unknown> {
    if (!isHostMethod(method)) throw new HanabiError('HANABI-W026', method);
    const parsed = HOST_CALLS[method].safeParse(params);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0]!;
      throw new HanabiError('HANABI-W026', `${[method, ...path].join('.')}: ${message}`);
    }
    if (isConnectorMethod(method)) return this.parts.connector(method, parsed.data as HostParams[typeof method]);
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
    const request = { method, url, headers: Object.entries(headers), body: Buffer.from(body ?? '') };
    const answer = await this.parts.egress.fetch(request);
    return { status: answer.status, headers: answer.headers, body: answer.body.toString('utf8') };
  }
}

function isHostMethod(method: string): method is HostMethod {
  return Object.hasOwn(HOST_CALLS, method);
}

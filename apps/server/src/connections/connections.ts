/** Credentials of users for services elsewhere: what users do with them, and what their services ask for. */
import {
  type AddConnection,
  type ChangeConnection,
  type Connection,
  type Connections as ConnectionList,
  type ConnectionTested,
  CONNECTORS,
  type ConnectorKind,
  type ConnectorMethod,
  type HostParams,
  HanabiError,
  type Manifest,
  type SetTrading,
} from '@hanabi/protocol';
import { newId } from '../ids.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import type { ServiceOwner } from '../services/service-rows.ts';
import { type CallParts, ConnectionCalls } from './connection-calls.ts';
import { type Fields, readFields } from './connection-fields.ts';
import { type ConnectionRow, type LinkRow, NO_TRADING, type SealedFields } from './connection-store.ts';
import type { Connector, Session } from './connector.ts';
import { connectors } from './connectors/index.ts';
import { connectorsOf } from './connectors-of.ts';
import type { Sealing } from './credentials.ts';
import { microText, readDecimal, toMicro } from './money.ts';

export interface ConnectionsParts extends CallParts {
  registry: ModuleRegistry;
}

/** The program of a service, for as long as it runs. */
export interface CallingService {
  owner: ServiceOwner;
  module: InstalledModule;
  signal: AbortSignal;
}

export class Connections {
  private readonly parts: ConnectionsParts;
  private readonly calls: ConnectionCalls;

  constructor(parts: ConnectionsParts) {
    this.parts = parts;
    this.calls = new ConnectionCalls(parts);
  }

  async list(userId: string): Promise<ConnectionList> {
    const { store, registry, credentials } = this.parts;
    const [rows, links, keyIds] = await Promise.all([
      store.rowsOf(userId),
      store.linksOf(userId),
      credentials.keyIds(),
    ]);
    const modules = registry
      .all(userId)
      .map(({ id, manifest }) => ({ id, name: manifest.name, connectors: connectorsOf(manifest) }))
      .filter((module) => module.connectors.length > 0);
    return { connections: await Promise.all(rows.map((row) => this.described(row, links, keyIds))), modules };
  }

  /** Its id. HANABI-V008 for what does not look like credentials of this kind, Q002 for one too many. */
  async add(userId: string, { kind, name, fields: given }: AddConnection): Promise<string> {
    const fields = readFields(kind, given);
    const row = { id: newId(), user_id: userId, kind };
    await this.keep(row, fields, (sealed) => this.parts.store.add({ ...row, name, ...sealed }));
    return row.id;
  }

  async change(userId: string, id: string, { name, fields: given }: ChangeConnection): Promise<void> {
    const { store } = this.parts;
    const row = await store.row(userId, id);
    if (name !== undefined) await store.change(id, { name });
    if (given === undefined) return;
    await this.keep(row, readFields(row.kind, given), (sealed) => store.change(id, sealed));
  }

  async remove(userId: string, id: string): Promise<void> {
    const { store } = this.parts;
    await store.remove((await store.row(userId, id)).id);
  }

  /** HANABI-V008 where it has nothing to do with money, or where a day allows less than one order. */
  async setTrading(userId: string, id: string, { trading }: SetTrading): Promise<void> {
    const { store } = this.parts;
    const row = await store.row(userId, id);
    if (!CONNECTORS[row.kind].trades) throw new HanabiError('HANABI-V008', 'this connection cannot trade');
    if (trading === null) return store.change(id, NO_TRADING);
    const [order_max_micro, day_max_micro] = [microOf(trading.order_max), microOf(trading.day_max)];
    if (day_max_micro < order_max_micro) throw new HanabiError('HANABI-V008', '"day_max" is less than "order_max"');
    await store.change(id, { currency: trading.currency, order_max_micro, day_max_micro });
  }

  /** HANABI-N011 where the module does not name the connector. */
  async link(userId: string, id: string, moduleId: string): Promise<void> {
    const { store, registry } = this.parts;
    const row = await store.row(userId, id);
    requireNamed(registry.get(moduleId, userId).manifest, row.kind);
    await store.link(row, moduleId);
  }

  async unlink(userId: string, id: string, moduleId: string): Promise<void> {
    const { store } = this.parts;
    await store.unlink(await store.row(userId, id), moduleId);
  }

  /** Asks for something harmless with it. */
  async test(userId: string, id: string, signal: AbortSignal): Promise<ConnectionTested> {
    const row = await this.parts.store.row(userId, id);
    const caller = { user_id: userId, module_id: '', module_version: '', signal };
    try {
      const answer = await this.calls.perform(row, caller, 'test', (session: Session<ConnectorKind>) =>
        (connectors[row.kind] as Connector<ConnectorKind>).test(session),
      );
      return typeof answer === 'string' ? { ok: true, message: answer } : { ok: false, message: answer.error };
    } catch (error) {
      if (!(error instanceof HanabiError)) throw error;
      return { ok: false, message: error.message };
    }
  }

  /** A call of `ctx`. HANABI-N011 unless the manifest names the connector and the user has lent a connection. */
  async call<Method extends ConnectorMethod>(
    { owner, module, signal }: CallingService,
    method: Method,
    params: HostParams[Method],
  ): Promise<unknown> {
    const [kind, name] = method.split('.') as [ConnectorKind, string];
    requireNamed(module.manifest, kind);
    const row = await this.parts.store.lentTo(owner, kind);
    if (!row) throw new HanabiError('HANABI-N011', `no connection of ${CONNECTORS[kind].name} is lent to this module`);
    const call = (connectors[kind].calls as Record<string, AnyCall>)[name]!;
    const caller = { ...owner, module_version: module.version, signal };
    return this.calls.perform(row, caller, method, (session: Session<ConnectorKind>) => call(params, session));
  }

  private async keep(row: Sealing, fields: Fields, write: (sealed: SealedFields) => Promise<void>): Promise<void> {
    const { store, credentials } = this.parts;
    const sealed = await credentials.seal(row, fields);
    await write(sealed);
    // A rotation that began meanwhile may have passed the row by.
    if (await credentials.isOutdated(sealed)) await store.change(row.id, await credentials.seal(row, fields));
  }

  private async described(row: ConnectionRow, links: readonly LinkRow[], keyIds: Set<string>): Promise<Connection> {
    const { id, kind, name, currency, order_max_micro, day_max_micro, created_at, used_at } = row;
    const trading = currency !== null && {
      currency,
      order_max: microText(order_max_micro ?? 0),
      day_max: microText(day_max_micro ?? 0),
      spent_today: microText(await this.parts.spending.today_micro(id)),
    };
    return {
      id,
      kind,
      name,
      shown: JSON.parse(row.shown) as Record<string, string>,
      usable: keyIds.has(row.key_id),
      modules: links.filter(({ connection_id }) => connection_id === id).map(({ module_id }) => module_id),
      trading: trading || null,
      created_at,
      used_at,
    };
  }
}

type AnyCall = (params: unknown, session: Session<ConnectorKind>) => Promise<unknown>;

function requireNamed(manifest: Manifest, kind: ConnectorKind): void {
  if (connectorsOf(manifest).includes(kind)) return;
  throw new HanabiError('HANABI-N011', `the manifest of ${manifest.name} does not name "${kind}"`);
}

function microOf(text: string): number {
  const decimal = readDecimal(text);
  const micro = decimal && toMicro(decimal);
  if (micro === undefined) throw new HanabiError('HANABI-V008', `"${text}" is not an amount`);
  return micro;
}

/** What services keep, say and show. */
import { HanabiError, LIMITS, type ServiceLog, utf8Bytes } from '@hanabi/protocol';
import { type Db, now } from '../storage/db.ts';
import type { ServiceOwner } from './service-rows.ts';

export type LogEntry = Pick<ServiceLog['entries'][number], 'level' | 'message'>;
export type WidgetKind = 'number' | 'text' | 'table' | 'line_chart';

export class ServiceStore {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async get(owner: ServiceOwner, key: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom('service_state')
      .select('value')
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('key', '=', key)
      .executeTakeFirst();
    return row?.value;
  }

  async keys(owner: ServiceOwner): Promise<string[]> {
    return Object.keys(await this.all(owner));
  }

  async all(owner: ServiceOwner): Promise<Record<string, string>> {
    const rows = await this.db
      .selectFrom('service_state')
      .select(['key', 'value'])
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .orderBy('key')
      .execute();
    return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  }

  /** HANABI-Q015 for a value that is too large, one key too many, or more than all may take together. */
  async set(owner: ServiceOwner, key: string, value: string): Promise<void> {
    const most = LIMITS.service_state_value_bytes_max;
    const size_bytes = utf8Bytes(value);
    if (size_bytes > most) throw new HanabiError('HANABI-Q015', `a value of more than ${most} bytes`);
    const { count, bytes } = await this.db
      .selectFrom('service_state')
      .select((eb) => [
        eb.fn.countAll<number>().as('count'),
        eb.fn.sum<number | string | null>('size_bytes').as('bytes'),
      ])
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('key', '!=', key)
      .executeTakeFirstOrThrow();
    if (count >= LIMITS.service_state_keys_max) {
      throw new HanabiError('HANABI-Q015', `at most ${LIMITS.service_state_keys_max} keys`);
    }
    // PostgreSQL gives sums as text.
    if (Number(bytes ?? 0) + size_bytes > LIMITS.service_state_bytes_max) {
      throw new HanabiError('HANABI-Q015', `at most ${LIMITS.service_state_bytes_max} bytes in all`);
    }
    const change = { value, size_bytes, updated_at: now() };
    await this.db
      .insertInto('service_state')
      .values({ ...owner, key, ...change })
      .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'key']).doUpdateSet(change))
      .execute();
  }

  async delete(owner: ServiceOwner, key: string): Promise<void> {
    await this.db
      .deleteFrom('service_state')
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('key', '=', key)
      .execute();
  }

  async write(owner: ServiceOwner, entries: readonly LogEntry[]): Promise<void> {
    const at = now();
    await this.db
      .insertInto('service_log')
      .values(entries.map(({ level, message }) => ({ ...owner, at, level, message })))
      .execute();
    const oldest = await this.db
      .selectFrom('service_log')
      .select('seq')
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .orderBy('seq', 'desc')
      .offset(LIMITS.service_log_kept_max)
      .limit(1)
      .executeTakeFirst();
    if (!oldest) return;
    await this.db
      .deleteFrom('service_log')
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('seq', '<=', oldest.seq)
      .execute();
  }

  /** The newest ones, the oldest of them first. */
  async log(owner: ServiceOwner, after: number, limit: number): Promise<ServiceLog> {
    const rows = await this.db
      .selectFrom('service_log')
      .select(['seq', 'at', 'level', 'message'])
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('seq', '>', after)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
    return { entries: rows.toReversed() as ServiceLog['entries'] };
  }

  async show(owner: ServiceOwner, name: string, kind: WidgetKind, value: string): Promise<void> {
    const most = LIMITS.service_monitor_value_bytes_max;
    if (utf8Bytes(value) > most) throw new HanabiError('HANABI-Q015', `a widget of more than ${most} bytes`);
    const shown = await this.widgets(owner);
    const isNew = !shown.some((widget) => widget.name === name);
    if (isNew && shown.length >= LIMITS.service_monitor_widgets_max) {
      throw new HanabiError('HANABI-Q015', `at most ${LIMITS.service_monitor_widgets_max} widgets`);
    }
    const change = { kind, value, updated_at: now() };
    await this.db
      .insertInto('service_monitor')
      .values({ ...owner, name, ...change })
      .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'name']).doUpdateSet(change))
      .execute();
  }

  async hide(owner: ServiceOwner, name: string): Promise<void> {
    await this.db
      .deleteFrom('service_monitor')
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('name', '=', name)
      .execute();
  }

  async widgets(owner: ServiceOwner): Promise<{ name: string; kind: WidgetKind; value: string; updated_at: string }[]> {
    const rows = await this.db
      .selectFrom('service_monitor')
      .select(['name', 'kind', 'value', 'updated_at'])
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .orderBy('name')
      .execute();
    return rows as Awaited<ReturnType<ServiceStore['widgets']>>;
  }
}

/** All that a service has left. */
export async function deleteService(db: Db, { user_id, module_id }: ServiceOwner): Promise<void> {
  for (const table of ['services', 'service_state', 'service_log', 'service_monitor'] as const) {
    await db.deleteFrom(table).where('user_id', '=', user_id).where('module_id', '=', module_id).execute();
  }
}

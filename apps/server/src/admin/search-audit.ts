/** Looks through what is on record, from the newest row back. */
import { type AuditFilter, type AuditPage, type AuditRow, LIMITS } from '@hanabi/protocol';
import { sql } from 'kysely';
import type { Db } from '../storage/db.ts';

/** One page of what a filter lets through; `before` is the `next` of the page before. */
export async function auditPage(db: Db, filter: AuditFilter, before: number | undefined): Promise<AuditPage> {
  const size = LIMITS.audit_page_rows;
  const rows = await rowsOf(db, filter, before, size + 1);
  const shown = rows.slice(0, size);
  return { rows: shown, next: rows.length > size ? shown.at(-1)!.seq : null };
}

/** All of it, without holding more than a page. */
export async function* auditRows(db: Db, filter: AuditFilter): AsyncGenerator<AuditRow, void, void> {
  let before: number | undefined;
  for (let count = 0; count < LIMITS.audit_export_rows_max; count += LIMITS.audit_page_rows) {
    const page = await auditPage(db, filter, before);
    yield* page.rows;
    if (page.next === null) return;
    before = page.next;
  }
}

function rowsOf(db: Db, filter: AuditFilter, before: number | undefined, limit: number): Promise<AuditRow[]> {
  return filter.source === 'network' ? networkRows(db, filter, before, limit) : decisionRows(db, filter, before, limit);
}

async function decisionRows(db: Db, filter: AuditFilter, before: number | undefined, limit: number) {
  let query = db.selectFrom('audit_events').selectAll().orderBy('seq', 'desc').limit(limit);
  if (before !== undefined) query = query.where('seq', '<', before);
  if (filter.event) query = query.where('event', '=', filter.event);
  if (filter.module) query = query.where('module_id', '=', filter.module);
  if (filter.outcome) query = query.where('outcome', '=', filter.outcome);
  if (filter.text) {
    const wanted = contains(filter.text);
    query = query.where(
      sql<boolean>`lower(event || ' ' || actor || ' ' || subject || ' ' || coalesce(module_id, '') || ' ' || coalesce(module_version, '') || ' ' || coalesce(permission, '') || ' ' || coalesce(request_id, '') || ' ' || coalesce(address, '') || ' ' || detail) like ${wanted} escape '\\'`,
    );
  }
  return query.execute();
}

async function networkRows(db: Db, filter: AuditFilter, before: number | undefined, limit: number) {
  let query = db
    .selectFrom('fetch_audit')
    .leftJoin('users', 'users.id', 'fetch_audit.user_id')
    .selectAll('fetch_audit')
    .select('users.name as user_name')
    .orderBy('seq', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('seq', '<', before);
  if (filter.module) query = query.where('module_id', '=', filter.module);
  if (filter.outcome) query = query.where('error_code', filter.outcome === 'ok' ? 'is' : 'is not', null);
  if (filter.text) {
    const wanted = contains(filter.text);
    query = query.where(
      sql<boolean>`lower(origin || path || ' ' || module_id || ' ' || job_id || ' ' || coalesce(users.name, '')) like ${wanted} escape '\\'`,
    );
  }
  return (await query.execute()).map(
    (row): AuditRow => ({
      seq: row.seq,
      at: row.at,
      event: 'network.fetch',
      outcome: row.error_code === null ? 'ok' : 'refused',
      // Of a user who is gone, the id is left.
      actor: row.user_name ?? row.user_id,
      subject: row.origin,
      module_id: row.module_id,
      module_version: row.module_version,
      permission: null,
      request_id: row.job_id,
      address: null,
      detail: `${row.method} ${row.path} ${row.error_code ?? row.status ?? ''}`.trim(),
    }),
  );
}

/** As a pattern that means the text itself. */
function contains(text: string): string {
  return `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

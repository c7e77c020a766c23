/** Jobs as the table keeps them, and as modules see them. */
import { type ErrorBody, HanabiError, type Job, type LivePayloads } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import { toFileRef } from '../storage/file-ref.ts';
import type { FileRow } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';

export type JobRow = Selectable<Tables['jobs']>;
export type JobKind = JobRow['kind'];

export function toJob(row: JobRow, outputs: readonly FileRow[], queue_position: number | null = null): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    queue_position: row.state === 'queued' ? queue_position : null,
    progress_pct: row.progress_pct,
    options: JSON.parse(row.options) as Job['options'],
    outputs: outputs.map(toFileRef),
    error: row.error_code ? errorOf(row.error_code, row.error_message ?? '') : null,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
  };
}

/** What the user’s desktops are told of it. */
export function jobNews(row: JobRow): LivePayloads['job'] {
  const { id, module_id, kind, state, progress_pct, error_code } = row;
  return { id, module_id, kind, state, progress_pct, error_code };
}

function errorOf(code: string, message: string): Job['error'] {
  const { category } = HanabiError.fromBody({ code: code as ErrorBody['code'], category: 'FAILED', message });
  return { code, category, message };
}

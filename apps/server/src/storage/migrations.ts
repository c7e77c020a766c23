/** One set of migrations, run in the order of their names, each in a transaction. Landed ones are never edited. */
import { type Kysely, type Migration, sql } from 'kysely';
import { items } from './migrations/0002-items.ts';
import { uploads } from './migrations/0003-uploads.ts';
import { fetchAudit } from './migrations/0004-fetch-audit.ts';
import { moduleData } from './migrations/0005-module-data.ts';
import { jobQueue } from './migrations/0006-job-queue.ts';
import { schedules } from './migrations/0007-schedules.ts';
import { jobInputsKept } from './migrations/0008-job-inputs-kept.ts';
import { accounts } from './migrations/0009-accounts.ts';
import { moduleVersions } from './migrations/0010-module-versions.ts';
import { passkeys } from './migrations/0011-passkeys.ts';
import { services } from './migrations/0012-services.ts';
import { decisions } from './migrations/0013-decisions.ts';
import { queueIndexes } from './migrations/0014-queue-indexes.ts';
import { identities } from './migrations/0015-identities.ts';
import { preferences } from './migrations/0016-preferences.ts';
import { quotas } from './migrations/0017-quotas.ts';
import { connections } from './migrations/0018-connections.ts';
import { workflows } from './migrations/0019-workflows.ts';
import { desktop } from './migrations/0020-desktop.ts';
import { invitationMakers } from './migrations/0021-invitation-makers.ts';
import { cutTicks } from './migrations/0022-cut-ticks.ts';
import { workflowOperation } from './migrations/0023-workflow-operation.ts';
import { workflowChecks } from './migrations/0024-workflow-checks.ts';
import { activityIds } from './migrations/0027-activity-ids.ts';
import { notices } from './migrations/0028-notices.ts';
import { activityTimeOuts } from './migrations/0025-activity-time-outs.ts';
import { servers } from './migrations/0026-servers.ts';

const first: Migration = {
  async up(db: Kysely<unknown>) {
    const table = (name: string) => db.schema.createTable(name);
    await table('users')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('password_hash', 'text', (c) => c.notNull())
      .addColumn('root_folder_id', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await table('sessions')
      .addColumn('token_hash', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('seen_at', 'text', (c) => c.notNull())
      .execute();
    await table('folders')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('parent_id', 'text', (c) => c.references('folders.id').onDelete('cascade'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('module_id', 'text')
      .addColumn('role', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addUniqueConstraint('folders_parent_name', ['parent_id', 'name'])
      .execute();
    await table('files')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('folder_id', 'text', (c) => c.notNull().references('folders.id').onDelete('cascade'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('mime_type', 'text', (c) => c.notNull())
      .addColumn('size_bytes', 'bigint', (c) => c.notNull())
      .addColumn('sha256', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addUniqueConstraint('files_folder_name', ['folder_id', 'name'])
      .execute();
    await db.schema.createIndex('files_sha256').on('files').column('sha256').execute();
    await table('modules')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('package_dir', 'text', (c) => c.notNull())
      .addColumn('manifest', 'text', (c) => c.notNull())
      .addColumn('installed_at', 'text', (c) => c.notNull())
      .execute();
    await table('grants')
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('permission', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('grants_key', ['module_id', 'user_id', 'permission'])
      .execute();
    await table('launches')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('ticket', 'text', (c) => c.notNull().unique())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('session_hash', 'text', (c) => c.notNull().references('sessions.token_hash').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('module_version', 'text', (c) => c.notNull())
      .addColumn('opened_file_id', 'text')
      .addColumn('action', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('launches_session').on('launches').column('session_hash').execute();
    await table('launch_files')
      .addColumn('launch_id', 'text', (c) => c.notNull().references('launches.id').onDelete('cascade'))
      .addColumn('file_id', 'text', (c) => c.notNull().references('files.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('launch_files_key', ['launch_id', 'file_id'])
      .execute();
    await table('settings')
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('settings_key', ['user_id', 'module_id', 'key'])
      .execute();
    await table('jobs')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('module_version', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('progress_pct', 'real', (c) => c.notNull())
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('error_code', 'text')
      .addColumn('error_message', 'text')
      .addColumn('log', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('started_at', 'text')
      .addColumn('finished_at', 'text')
      .execute();
    await db.schema.createIndex('jobs_owner').on('jobs').columns(['user_id', 'module_id', 'seq']).execute();
    await table('job_outputs')
      .addColumn('job_id', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('file_id', 'text', (c) => c.notNull().references('files.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('job_outputs_key', ['job_id', 'position'])
      .execute();
    // The root of each user has no parent, so the constraint above lets it through twice.
    await sql`create unique index folders_one_root on folders (user_id) where parent_id is null`.execute(db);
  },
};

export const MIGRATIONS: Record<string, Migration> = {
  '0001-first': first,
  '0002-items': items,
  '0003-uploads': uploads,
  '0004-fetch-audit': fetchAudit,
  '0005-module-data': moduleData,
  '0006-job-queue': jobQueue,
  '0007-schedules': schedules,
  '0008-job-inputs-kept': jobInputsKept,
  '0009-accounts': accounts,
  '0010-module-versions': moduleVersions,
  '0011-passkeys': passkeys,
  '0012-services': services,
  '0013-decisions': decisions,
  '0014-queue-indexes': queueIndexes,
  '0015-identities': identities,
  '0016-preferences': preferences,
  '0017-quotas': quotas,
  '0018-connections': connections,
  '0019-workflows': workflows,
  '0020-desktop': desktop,
  '0021-invitation-makers': invitationMakers,
  '0022-cut-ticks': cutTicks,
  '0023-workflow-operation': workflowOperation,
  '0024-workflow-checks': workflowChecks,
  '0025-activity-time-outs': activityTimeOuts,
  '0026-servers': servers,
  '0027-activity-ids': activityIds,
  '0028-notices': notices,
};

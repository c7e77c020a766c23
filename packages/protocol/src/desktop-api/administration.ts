/** What administrators see and change. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { Id } from '../schema.ts';
import { PERMISSION_NAMES } from '../permissions.ts';
import { Quota } from '../quotas.ts';
import { JOB_STATES } from '../capabilities/jobs.ts';
import { Role } from './accounts.ts';

const StorageLimit = z.number().int().min(0).max(LIMITS.user_storage_limit_bytes_max).nullable();

export const AdminUser = z.object({
  id: Id,
  name: z.string(),
  role: Role,
  created_at: z.iso.datetime(),
  disabled_at: z.iso.datetime().nullable(),
  /** Of the session that was used last. */
  seen_at: z.iso.datetime().nullable(),
  sessions: z.number().int(),
  totp: z.boolean(),
  used_bytes: z.number().int(),
  /** Of this user alone; null: what the server's setting says. */
  storage_limit_bytes: z.number().int().nullable(),
});
export type AdminUser = z.infer<typeof AdminUser>;

export const ChangeUser = z.strictObject({
  role: Role.optional(),
  disabled: z.boolean().optional(),
  storage_limit_bytes: StorageLimit.optional(),
});
export type ChangeUser = z.infer<typeof ChangeUser>;

export const Invite = z.strictObject({
  role: Role,
  storage_limit_bytes: StorageLimit.optional(),
  note: z.string().max(LIMITS.invitation_note_chars_max).optional(),
});
export type Invite = z.infer<typeof Invite>;

export const Invitation = z.object({
  id: Id,
  kind: z.enum(['sign-up', 'reset']),
  role: Role,
  /** The user whose password it resets. */
  user: z.string().nullable(),
  note: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
});
export type Invitation = z.infer<typeof Invitation>;

/** The token is shown once: it is the secret part of the link. */
export const NewInvitation = Invitation.extend({ token: z.string() });
export type NewInvitation = z.infer<typeof NewInvitation>;

/** A module that the operator installed, or a published one in its live version: what is granted to it for everybody. */
export const AdminModule = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  origin: z.string(),
  installed_at: z.iso.datetime(),
  permissions: z.array(
    z.object({
      name: z.enum(PERMISSION_NAMES),
      /** default: nobody has said anything, and `granted` is what follows from where the module comes from. */
      said: z.enum(['granted', 'denied', 'default']),
      granted: z.boolean(),
    }),
  ),
  quota: Quota,
  /** Of a published one: whether it is suspended, and the versions that one can go back to, newest first. */
  suspended: z.boolean(),
  earlier: z.array(z.string()),
});
export type AdminModule = z.infer<typeof AdminModule>;

export const SetGrant = z.strictObject({
  permission: z.enum(PERMISSION_NAMES),
  said: z.enum(['granted', 'denied', 'default']),
});
export type SetGrant = z.infer<typeof SetGrant>;

export const AdminModules = z.object({
  modules: z.array(AdminModule),
  /** Names of the tiers of this server. */
  tiers: z.array(z.string()),
});
export type AdminModules = z.infer<typeof AdminModules>;

export const SetQuota = z.strictObject(Quota.shape);
export type SetQuota = z.input<typeof SetQuota>;

/** One row of the record. `network` is what workers asked for with ctx.fetch. */
export const AUDIT_SOURCES = ['decisions', 'network'] as const;
export const AuditRow = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  event: z.string(),
  outcome: z.enum(['ok', 'refused']),
  actor: z.string(),
  subject: z.string(),
  module_id: z.string().nullable(),
  module_version: z.string().nullable(),
  permission: z.string().nullable(),
  request_id: z.string().nullable(),
  address: z.string().nullable(),
  detail: z.string(),
});
export type AuditRow = z.infer<typeof AuditRow>;

/** Newest first; `next` is where the following page begins. */
export const AuditPage = z.object({ rows: z.array(AuditRow), next: z.number().int().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

export interface AuditFilter {
  source: (typeof AUDIT_SOURCES)[number];
  /** Somewhere in who, whom, what and the details. */
  text?: string | undefined;
  event?: string | undefined;
  module?: string | undefined;
  outcome?: 'ok' | 'refused' | undefined;
}

export const AdminJob = z.object({
  id: z.string(),
  user: z.string(),
  module_id: z.string(),
  kind: z.string(),
  state: z.enum(JOB_STATES),
  progress_pct: z.number(),
  error_code: z.string().nullable(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
});
export type AdminJob = z.infer<typeof AdminJob>;

export const SERVER_KINDS = ['server', 'executor'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** A process that works on the database, as it was last heard of. */
export const HealthServer = z.object({
  kind: z.enum(SERVER_KINDS),
  /** Of its machine. */
  name: z.string(),
  /** Jobs that it runs at a time; 0: it leaves the queue to others. */
  places: z.number().int(),
  jobs_running: z.number().int(),
  seen_at: z.string(),
  /** It has said nothing for so long that it is probably gone. */
  is_silent: z.boolean(),
});
export type HealthServer = z.infer<typeof HealthServer>;

export const Health = z.object({
  version: z.string(),
  node: z.string(),
  uptime_s: z.number(),
  memory_bytes: z.number(),
  database: z.string(),
  contents: z.string(),
  disk_free_bytes: z.number(),
  disk_total_bytes: z.number(),
  sandbox: z.object({ backend: z.string(), ready: z.boolean(), note: z.string() }),
  users: z.number().int(),
  sessions: z.number().int(),
  files: z.number().int(),
  used_bytes: z.number().int(),
  jobs_queued: z.number().int(),
  jobs_running: z.number().int(),
  services_running: z.number().int(),
  services_failed: z.number().int(),
  workflows_open: z.number().int(),
  /** Of those, whose code has failed and is tried again. */
  workflows_stuck: z.number().int(),
  /** And those that wait since a restore. */
  workflows_paused: z.number().int(),
  servers: z.array(HealthServer),
});
export type Health = z.infer<typeof Health>;

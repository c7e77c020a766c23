/** How modules get onto a server and to its users: the Developer Portal, the review, the Module Store. */
import * as z from 'zod';
import { CONNECTOR_KINDS } from '../connectors/index.ts';
import { LIMITS } from '../limits.ts';
import { PERMISSION_NAMES } from '../permissions.ts';
import { Quota } from '../quotas.ts';
import { WorkflowCheck } from './workflow-checks.ts';

export const VERSION_STATES = ['draft', 'submitted', 'rejected', 'live', 'superseded', 'suspended'] as const;
export const VersionState = z.enum(VERSION_STATES);
export type VersionState = z.infer<typeof VersionState>;

const Permission = z.enum(PERMISSION_NAMES);
/** What its service may ask of connections that its user lends it. */
const Connectors = z.array(z.enum(CONNECTOR_KINDS));

export const PackageFinding = z.object({
  severity: z.enum(['error', 'warning']),
  /** Of an error. */
  code: z.string().optional(),
  /** Of a warning. */
  rule: z.string().optional(),
  path: z.string(),
  line: z.number().int().optional(),
  message: z.string(),
});
export type PackageFinding = z.infer<typeof PackageFinding>;

/** One step of a version, as its history tells it. */
export const VersionStep = z.object({
  at: z.iso.datetime(),
  version: z.string(),
  step: z.string(),
  actor: z.string(),
  note: z.string(),
});
export type VersionStep = z.infer<typeof VersionStep>;

/** What an administrator has allowed a version. */
export const Assigned = Quota.extend({
  /** Of the admin tiers; the others need no review. */
  permissions: z.array(Permission),
});
export type Assigned = z.infer<typeof Assigned>;

export const ModuleVersion = z.object({
  module_id: z.string(),
  name: z.string(),
  version: z.string(),
  state: VersionState,
  developer: z.string(),
  size_bytes: z.number().int(),
  package_sha256: z.string(),
  /** Who signed it; null: nobody. */
  public_key: z.string().nullable(),
  permissions: z.array(Permission),
  connectors: Connectors,
  findings: z.array(PackageFinding),
  /** Why it needs a review; empty: it may go live at once. */
  review_reasons: z.array(z.string()),
  assigned: Assigned,
  /** What the reviewer wrote. */
  note: z.string(),
  created_at: z.iso.datetime(),
  decided_at: z.iso.datetime().nullable(),
});
export type ModuleVersion = z.infer<typeof ModuleVersion>;

export const PortalModule = z.object({
  module_id: z.string(),
  name: z.string(),
  live_version: z.string().nullable(),
  suspended: z.boolean(),
  installs: z.number().int(),
  /** Newest first. */
  versions: z.array(ModuleVersion),
  steps: z.array(VersionStep),
});
export type PortalModule = z.infer<typeof PortalModule>;

/** What became of an upload. With errors among the findings nothing was kept. */
export const UploadedPackage = z.object({
  version: ModuleVersion.nullable(),
  findings: z.array(PackageFinding),
});
export type UploadedPackage = z.infer<typeof UploadedPackage>;

export const Note = z.strictObject({ note: z.string().max(LIMITS.review_note_chars_max).default('') });

export const Decision = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  note: z.string().max(LIMITS.review_note_chars_max).default(''),
  /** Of the admin tiers, what is allowed. */
  permissions: z.array(Permission).max(LIMITS.permissions_per_request_max).default([]),
  ...Quota.shape,
});
export type Decision = z.input<typeof Decision>;

/** A key for `hanabi module publish`. */
export const PublishKey = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.iso.datetime(),
  used_at: z.iso.datetime().nullable(),
});
export type PublishKey = z.infer<typeof PublishKey>;

export const NewPublishKey = z.strictObject({ name: z.string().trim().min(1).max(64) });

/** How much there is to trust, computed from what can be seen; not a promise. */
export const Rating = z.object({
  /** 0 to 100. */
  score: z.number().int().min(0).max(100),
  /** What took points away, and what did not, in plain words. */
  reasons: z.array(z.object({ points: z.number().int(), text: z.string() })),
});
export type Rating = z.infer<typeof Rating>;

export const ReviewFile = z.object({
  path: z.string(),
  size_bytes: z.number().int(),
  change: z.enum(['same', 'new', 'changed', 'gone']),
});

/** Everything a reviewer sees. */
export const ReviewCase = z.object({
  version: ModuleVersion,
  rating: Rating,
  manifest: z.string(),
  /** Of the version that is live; null: there is none. */
  live: z.object({ version: z.string(), manifest: z.string() }).nullable(),
  /** Compared with the live version. */
  added_permissions: z.array(Permission),
  removed_permissions: z.array(Permission),
  added_connectors: Connectors,
  files: z.array(ReviewFile),
  steps: z.array(VersionStep),
  tiers: z.array(z.string()),
  sample_inputs: z.array(z.string()),
  /** Whether it has workflows, or the live version has. */
  has_workflows: z.boolean(),
  /** Null: nobody has looked whether it fits those that are there. */
  workflow_check: WorkflowCheck.nullable(),
});
export type ReviewCase = z.infer<typeof ReviewCase>;

/** One of two runs of a worker in sandboxes of their own. */
export const SampleRun = z.object({
  ok: z.boolean(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  log: z.string(),
  wall_ms: z.number(),
  outputs: z.array(z.object({ name: z.string(), size_bytes: z.number().int(), sha256: z.string() })),
});
export type SampleRun = z.infer<typeof SampleRun>;

export const SampleRuns = z.object({ runs: z.array(SampleRun), same: z.boolean() });
export type SampleRuns = z.infer<typeof SampleRuns>;

export const StoreModule = z.object({
  module_id: z.string(),
  name: z.string(),
  version: z.string(),
  summary: z.string(),
  developer: z.string(),
  tags: z.array(z.string()),
  icon_data_url: z.string().nullable(),
  /** Addresses on this server. */
  screenshots: z.array(z.string()),
  readme: z.string(),
  permissions: z.array(Permission),
  connectors: Connectors,
  signed: z.boolean(),
  size_bytes: z.number().int(),
  installs: z.number().int(),
  rating: Rating,
  updated_at: z.iso.datetime(),
  /** The version that the user has; null: none. */
  installed: z.string().nullable(),
  /** What the live version asks for beyond the installed one. */
  added_permissions: z.array(Permission),
  added_connectors: Connectors,
});
export type StoreModule = z.infer<typeof StoreModule>;

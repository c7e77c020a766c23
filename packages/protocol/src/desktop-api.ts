/**
 * What the desktop itself asks of its server: sign-in, modules, launches and the user's own files. Modules never see
 * these. Paths stand in `DESKTOP_PATHS`; every request but the sign-in carries the session cookie, and every one that
 * changes something carries the CSRF token in `CSRF_HEADER`.
 */
import { z } from 'zod';
import { ModuleContext } from './capabilities/launch.ts';
import { LIMITS } from './limits.ts';
import { PERMISSION_NAMES } from './permissions.ts';
import { FileRef, Id } from './schema.ts';

export const CSRF_HEADER = 'x-hanabi-csrf';
/** Names the launch that a capability request is made for. */
export const LAUNCH_HEADER = 'x-hanabi-launch';

export const DESKTOP_PATHS = {
  session: '/api/session',
  modules: '/api/modules',
  launches: '/api/launches',
  capabilities: '/api/capabilities',
  folders: '/api/folders',
  files: '/api/files',
} as const;

export const SignIn = z.strictObject({
  name: z.string().min(1).max(LIMITS.user_name_chars_max),
  password: z.string().min(1).max(LIMITS.password_chars_max),
});
export type SignIn = z.infer<typeof SignIn>;

export const Session = z.object({
  user: z.object({ id: Id, name: z.string(), role: z.enum(['user', 'developer', 'admin']) }),
  csrf_token: z.string(),
  root_folder_id: Id,
  /** Whether workers can run here, for a hint where one is started. */
  sandbox: z.object({ backend: z.string(), ready: z.boolean(), note: z.string() }),
});
export type Session = z.infer<typeof Session>;

export const ModuleSummary = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  summary: z.string(),
  origin: z.enum(['first-party', 'example', 'operator']),
  icon_data_url: z.string().nullable(),
  permissions: z.array(z.object({ name: z.enum(PERMISSION_NAMES), granted: z.boolean() })),
  file_associations: z.array(z.string()),
  jump_list: z.array(z.object({ id: z.string(), label: z.string() })),
  has_worker: z.boolean(),
});
export type ModuleSummary = z.infer<typeof ModuleSummary>;

export const LaunchRequest = z.strictObject({
  module_id: z.string().max(64),
  file_id: Id.optional(),
  action: z.string().max(64).optional(),
});
export type LaunchRequest = z.infer<typeof LaunchRequest>;

export const Launch = z.object({
  id: Id,
  /** Address of the page, ticket included; absolute when modules have an origin of their own. */
  document_url: z.string(),
  /** Value for the `allow` attribute of the frame. */
  frame_allow: z.string(),
  /** Everything the manifest lists, for the bridge's first check. */
  declared: z.array(z.enum(PERMISSION_NAMES)),
  context: ModuleContext,
});
export type Launch = z.infer<typeof Launch>;

export const PickRequest = z.strictObject({ file_id: Id });

export const FileEntry = FileRef.extend({ folder_id: Id, updated_at: z.iso.datetime() });
export type FileEntry = z.infer<typeof FileEntry>;

export const FolderEntry = z.object({
  id: Id,
  name: z.string(),
  parent_id: Id.nullable(),
  updated_at: z.iso.datetime(),
  /** Set on the folders of a module. */
  module_id: z.string().nullable(),
});
export type FolderEntry = z.infer<typeof FolderEntry>;

export const FolderListing = z.object({
  folder: FolderEntry,
  /** From the root to the folder itself. */
  path: z.array(z.object({ id: Id, name: z.string() })),
  folders: z.array(FolderEntry),
  files: z.array(FileEntry),
});
export type FolderListing = z.infer<typeof FolderListing>;

export const MakeFolder = z.strictObject({ parent_id: Id, name: z.string().max(1024) });

/** Modules and their launches. */
import * as z from 'zod';
import { ModuleContext } from '../capabilities/launch.ts';
import { CONNECTOR_KINDS } from '../connectors/index.ts';
import { PERMISSION_NAMES } from '../permissions.ts';
import { Id } from '../schema.ts';

export const ModuleSummary = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  summary: z.string(),
  origin: z.enum(['first-party', 'example', 'operator', 'store', 'draft']),
  icon_data_url: z.string().nullable(),
  permissions: z.array(
    z.object({
      name: z.enum(PERMISSION_NAMES),
      granted: z.boolean(),
      /** The person has said no. */
      refused: z.boolean(),
      reason: z.string().nullable(),
    }),
  ),
  /** What its service may ask of connections that its user lends it. */
  connectors: z.array(z.enum(CONNECTOR_KINDS)),
  file_associations: z.array(z.string()),
  jump_list: z.array(z.object({ id: z.string(), label: z.string() })),
  has_worker: z.boolean(),
  /** Whether more than one window of it may be open. */
  allow_multiple: z.boolean(),
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
  /** Value for its `sandbox` attribute. */
  frame_sandbox: z.string(),
  /** Everything the manifest lists, for the bridge's first check. */
  declared: z.array(z.enum(PERMISSION_NAMES)),
  context: ModuleContext,
});
export type Launch = z.infer<typeof Launch>;

export const PickRequest = z.strictObject({ file_id: Id });

/** Which module opens files of which extension, where the user has chosen one. */
export const Associations = z.object({ modules: z.record(z.string(), z.string()) });
export type Associations = z.infer<typeof Associations>;

export const SetAssociation = z.strictObject({
  extension: z.string().regex(/^[a-z0-9][a-z0-9.+-]{0,31}$/),
  /** null: back to what the desktop would choose. */
  module_id: z.string().max(64).nullable(),
});
export type SetAssociation = z.infer<typeof SetAssociation>;

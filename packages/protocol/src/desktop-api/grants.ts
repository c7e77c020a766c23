/** What each module may do for a person, what they have decided, and when it was last used. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { PERMISSION_NAMES } from '../permissions.ts';

/**
 * granted: it may · refused: the person has said no, and can say otherwise · unasked: the person has to say yes first ·
 * withheld: it is for an administrator to grant, and none has.
 */
export const GRANT_STATES = ['granted', 'refused', 'unasked', 'withheld'] as const;
export const GrantState = z.enum(GRANT_STATES);
export type GrantState = z.infer<typeof GrantState>;

export const ModuleGrants = z.object({
  module_id: z.string(),
  name: z.string(),
  icon_data_url: z.string().nullable(),
  permissions: z.array(
    z.object({
      name: z.enum(PERMISSION_NAMES),
      state: GrantState,
      /** Why the author says that it is needed; in the author's words. */
      reason: z.string().nullable(),
      used_at: z.iso.datetime().nullable(),
    }),
  ),
});
export type ModuleGrants = z.infer<typeof ModuleGrants>;

/** What a person decides: yes and no are kept until they decide otherwise. */
export const DecideGrants = z.strictObject({
  module_id: z.string().max(64),
  permissions: z.array(z.enum(PERMISSION_NAMES)).min(1).max(LIMITS.permissions_per_request_max),
  decision: z.enum(['allow', 'refuse']),
});
export type DecideGrants = z.infer<typeof DecideGrants>;

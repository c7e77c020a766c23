import * as z from 'zod';
import { PERMISSION_NAMES } from '../permissions.ts';
import { type CapabilityRow, FileRef, FolderRole, Id } from '../schema.ts';

export const ModuleContext = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  permissions: z.array(z.enum(PERMISSION_NAMES)).describe('Declared and granted at this moment.'),
  folders: z.array(z.object({ id: Id, name: z.string(), role: FolderRole, path: z.string() })),
  window: z.object({
    default_width: z.number(),
    default_height: z.number(),
    min_width: z.number(),
    min_height: z.number(),
    resizable: z.boolean(),
  }),
  openedFile: FileRef.optional().describe('The file this launch was opened with.'),
  launchAction: z.string().optional().describe('The jump-list action this launch was started by.'),
  features: z.array(z.string()).describe('Extensions of the protocol that this host offers.'),
});
export type ModuleContext = z.infer<typeof ModuleContext>;

export const launch = {
  HANABI_READY: {
    sdk: 'ready',
    summary: 'Tells the host that the page has loaded; the answer is the module context.',
    home: 'web',
    needs: {},
    scope: {},
    payload: z.strictObject({}),
    result: ModuleContext,
    errors: [],
    example: {},
  },
  HANABI_GET_CONTEXT: {
    sdk: 'getContext',
    summary: 'The module context again, at any time: who am I, what may I do, which folders are mine.',
    home: 'web',
    needs: {},
    scope: {},
    payload: z.strictObject({}),
    result: ModuleContext,
    errors: [],
    example: {},
  },
} as const satisfies Record<string, CapabilityRow>;

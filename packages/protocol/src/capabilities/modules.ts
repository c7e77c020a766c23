import * as z from 'zod';
import { type CapabilityRow, Id, readableFile } from '../schema.ts';

export const modules = {
  HANABI_LIST_MODULES: {
    sdk: 'listModules',
    summary: 'The other modules that the user can open: what anybody may know of them, and nothing of their data.',
    home: 'server',
    needs: { all: ['modules.use'] },
    scope: {},
    payload: z.strictObject({}),
    result: z.object({
      modules: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          icon: z.string().nullable(),
          file_associations: z.array(z.string()),
        }),
      ),
    }),
    errors: [],
    example: {},
  },
  HANABI_SEND_TO_MODULE: {
    sdk: 'sendToModule',
    summary: 'Opens another module in a window of its own, with one file that this module may read.',
    home: 'server',
    needs: { all: ['modules.use', 'files.read'] },
    widenedBy: 'files.read.all',
    scope: { file: readableFile('fileId') },
    payload: z.strictObject({ moduleId: z.string().min(1).max(64), fileId: Id }),
    result: z.object({ ok: z.literal(true), moduleId: z.string() }),
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-M001'],
    example: { moduleId: 'image-viewer', fileId: 'f-1' },
  },
} as const satisfies Record<string, CapabilityRow>;

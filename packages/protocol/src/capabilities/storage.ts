import * as z from 'zod';
import type { CapabilityRow } from '../schema.ts';

export const storage = {
  HANABI_STORAGE_USAGE: {
    sdk: 'storageUsage',
    summary:
      'How much room the files of the user take, and how much there is; null where there is no limit. limit_mb counts MiB, 1024 × 1024 bytes.',
    home: 'server',
    needs: { all: ['storage.read'] },
    scope: {},
    payload: z.strictObject({}),
    result: z.object({
      limit_mb: z.number().nullable(),
      used_bytes: z.number().int(),
      remaining_bytes: z.number().int().nullable(),
    }),
    windowless: true,
    errors: [],
    example: {},
  },
} as const satisfies Record<string, CapabilityRow>;

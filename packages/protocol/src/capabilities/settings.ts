import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { CapabilityRow } from '../schema.ts';

const Key = z.string().min(1).max(LIMITS.setting_key_chars_max);

export const settings = {
  HANABI_GET_SETTING: {
    sdk: 'getSetting',
    summary:
      'A value from the settings that the host keeps for this user and this module; null when there is none. While the server is out of reach, what the desktop knows from before.',
    home: 'server',
    needs: { all: ['settings.self'] },
    scope: {},
    payload: z.strictObject({ key: Key }),
    result: z.object({
      key: Key,
      value: z.json(),
      stale: z
        .boolean()
        .optional()
        .describe('true: the server could not be asked, and this is what it said last in this browser.'),
    }),
    windowless: true,
    errors: [],
    example: { key: 'theme' },
  },
  HANABI_SET_SETTING: {
    sdk: 'setSetting',
    summary: 'Stores a JSON value, at most 256 KiB, for this user and this module; null removes it.',
    home: 'server',
    needs: { all: ['settings.self'] },
    scope: {},
    payload: z.strictObject({ key: Key, value: z.json() }),
    result: z.object({ key: Key, value: z.json() }),
    windowless: true,
    errors: ['HANABI-Q001'],
    example: { key: 'theme', value: 'dark' },
  },
} as const satisfies Record<string, CapabilityRow>;

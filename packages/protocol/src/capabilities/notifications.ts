import * as z from 'zod';
import type { CapabilityRow } from '../schema.ts';

export const TONES = ['info', 'success', 'warning', 'error'] as const;
export const Tone = z.enum(TONES);
export type Tone = z.infer<typeof Tone>;

export const notifications = {
  HANABI_NOTIFY: {
    sdk: 'notify',
    summary: 'A desktop notification under the module’s own name; text only, clamped in length.',
    home: 'web',
    needs: { all: ['notifications'] },
    scope: {},
    payload: z.strictObject({ message: z.string().min(1), title: z.string().optional(), tone: Tone.optional() }),
    result: z.object({ ok: z.literal(true) }),
    windowless: true,
    errors: ['HANABI-Q002'],
    example: { message: 'Conversion complete', tone: 'success' },
  },
  HANABI_SET_BADGE: {
    sdk: 'setBadge',
    summary:
      'A number on the module’s own buttons in the taskbar, shown as "99+" beyond that; 0 or less takes it away.',
    home: 'web',
    needs: { all: ['notifications'] },
    scope: {},
    payload: z.strictObject({ count: z.number().int() }),
    result: z.object({ ok: z.literal(true), count: z.number().int().nonnegative() }),
    errors: [],
    example: { count: 3 },
  },
} as const satisfies Record<string, CapabilityRow>;

import * as z from 'zod';
import { address, type ConnectorRow, optional, secret, text } from './connector.ts';

/** Telegram’s own bound of one message. */
const MESSAGE_CHARS_MAX = 4096;
const TOKEN = /^\d{3,20}:[A-Za-z0-9_-]{20,100}$/;
const CHAT = /^(?:-?\d{1,20}|@[A-Za-z0-9_]{4,64})$/;

/** The Bot API: a bot of the user’s own, made with @BotFather. */
export const telegram = {
  name: 'Telegram',
  fields: {
    token: secret(TOKEN),
    chat_id: text(CHAT),
    address: address('https://api.telegram.org'),
  },
  calls: {
    send_message: z.strictObject({
      text: z.string().min(1).max(MESSAGE_CHARS_MAX),
      /** Null: the chat of the connection. */
      chat_id: optional(z.union([z.string().regex(CHAT), z.number().int()])),
      parse_mode: optional(z.enum(['HTML', 'MarkdownV2'])),
      silent: z.boolean().default(false),
    }),
    get_updates: z.strictObject({
      offset: optional(z.number().int()),
      limit: z.number().int().min(1).max(100).default(100),
    }),
  },
  trades: false,
} as const satisfies ConnectorRow;

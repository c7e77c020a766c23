import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { address, type ConnectorRow, optional, secret, text } from './connector.ts';

const Model = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/);

/** Chat completions as OpenAI defined them, which many servers speak; some of them want no key. */
export const llm = {
  name: 'Language model',
  fields: {
    api_key: { ...secret(), required: false },
    model: text(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/),
    address: address('https://api.openai.com/v1'),
  },
  calls: {
    chat: z.strictObject({
      messages: z
        .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
        .min(1)
        .max(LIMITS.llm_messages_max),
      /** Null: the model of the connection. */
      model: optional(Model),
      temperature: optional(z.number().min(0).max(2)),
      max_tokens: optional(z.number().int().positive().max(LIMITS.llm_answer_tokens_max)),
    }),
  },
  trades: false,
} as const satisfies ConnectorRow;

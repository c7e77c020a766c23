/** Connections: credentials of a person for services elsewhere, and which modules may use them. */
import * as z from 'zod';
import { CONNECTOR_KINDS } from '../connectors/index.ts';
import { LIMITS } from '../limits.ts';

const Kind = z.enum(CONNECTOR_KINDS);
const Name = z
  .string()
  .max(LIMITS.connection_name_chars_max)
  .regex(/^(?! )[^\p{Cc}\p{Cf}]+(?<! )$/u, 'is a name');
/** By the names of the table of connectors, which says what each has to look like. */
const Fields = z.record(z.string().max(32), z.string().max(LIMITS.connection_field_chars_max));

/** A positive decimal number, as text: no digit of money gets lost. */
export const Money = z.string().regex(/^(?=.*[1-9])\d{1,9}(?:\.\d{1,6})?$/, 'is an amount such as 25 or 0.5');
export const Currency = z.string().regex(/^[A-Z0-9]{2,10}$/, 'is a currency such as USDT');

export const AddConnection = z.strictObject({ kind: Kind, name: Name, fields: Fields });
export type AddConnection = z.infer<typeof AddConnection>;

/** Fields all together or not at all: a kept secret must not go to a new address. */
export const ChangeConnection = z.strictObject({ name: Name.optional(), fields: Fields.optional() });
export type ChangeConnection = z.infer<typeof ChangeConnection>;

/** Null: it may not trade. */
export const SetTrading = z.strictObject({
  trading: z.strictObject({ currency: Currency, order_max: Money, day_max: Money }).nullable(),
});
export type SetTrading = z.infer<typeof SetTrading>;

export const Connection = z.object({
  id: z.string(),
  kind: Kind,
  name: z.string(),
  /** What is no secret, as it was typed in; of each secret no more than its last characters. */
  shown: z.record(z.string(), z.string()),
  /** Whether this server has the key that its secrets are sealed with. */
  usable: z.boolean(),
  /** Ids of the modules that may use it. */
  modules: z.array(z.string()),
  trading: z
    .object({
      currency: z.string(),
      order_max: z.string(),
      day_max: z.string(),
      /** Since midnight in UTC. */
      spent_today: z.string(),
    })
    .nullable(),
  created_at: z.iso.datetime(),
  used_at: z.iso.datetime().nullable(),
});
export type Connection = z.infer<typeof Connection>;

export const Connections = z.object({
  connections: z.array(Connection),
  /** The modules of this user whose service names connectors. */
  modules: z.array(z.object({ id: z.string(), name: z.string(), connectors: z.array(Kind) })),
});
export type Connections = z.infer<typeof Connections>;

/** What came of trying a connection. */
export const ConnectionTested = z.object({
  ok: z.boolean(),
  /** Who the service says that it is, or why it refuses. */
  message: z.string(),
});
export type ConnectionTested = z.infer<typeof ConnectionTested>;

import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { CapabilityRow } from '../schema.ts';

/** Any text that every engine keeps as it is: no control characters, no half of a surrogate pair. */
const name = (chars_max: number) =>
  z
    .string()
    .min(1)
    .max(chars_max)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'has control characters or is not well-formed');

const Collection = name(LIMITS.data_collection_chars_max);
const DocumentId = name(LIMITS.data_id_chars_max);
const Limit = z.number().int().min(1).max(LIMITS.data_page_documents_max);
const Version = z.number().int().nonnegative();

const DocumentFacts = z.object({
  id: z.string(),
  version: Version.describe('1 when it is new, one more with each write.'),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

export const DataDocument = DocumentFacts.extend({
  data: z.string().describe('The JSON text that was stored; parse it yourself.'),
});
export type DataDocument = z.infer<typeof DataDocument>;

const Amounts = z.object({ collections: z.number().int(), records: z.number().int(), bytes: z.number().int() });

export const DataCollections = z.object({
  collections: z.array(z.object({ name: z.string(), count: z.number().int() })),
  usage: Amounts,
  quota: Amounts.describe('What the usage may grow to.'),
});
export type DataCollections = z.infer<typeof DataCollections>;

export const DataPage = z.object({
  total: z.number().int().describe('Documents of the collection.'),
  limit: z.number().int().describe('What a next offset has to add: less than asked for where the documents are large.'),
  offset: z.number().int(),
  docs: z.array(DataDocument),
  next: z
    .string()
    .nullable()
    .describe('Give it as "after" for the next page, which then misses and repeats nothing that stays as it is.'),
});
export type DataPage = z.infer<typeof DataPage>;

const IfVersion = Version.optional().describe(
  'Only if the document has this version now; 0: only if there is none. Otherwise HANABI-V012.',
);

export const data = {
  HANABI_DATA_LIST_COLLECTIONS: {
    sdk: 'data.collections',
    summary: 'The collections of this module for this user, how many documents each has, what they take and may take.',
    home: 'server',
    needs: { all: ['data.store'] },
    scope: {},
    payload: z.strictObject({}),
    result: DataCollections,
    errors: [],
    example: {},
  },
  HANABI_DATA_LIST: {
    sdk: 'data.list',
    summary: 'A page of the documents of a collection, the newest-updated first.',
    home: 'server',
    needs: { all: ['data.store'] },
    scope: {},
    payload: z.strictObject({
      collection: Collection,
      limit: Limit.optional(),
      offset: z.number().int().nonnegative().optional().describe('Not together with after.'),
      after: z
        .string()
        .regex(/^[0-9]{1,15}$/)
        .optional()
        .describe('The "next" of the page before. Pages stay stable while documents are written.'),
    }),
    result: DataPage,
    windowless: true,
    errors: [],
    example: { collection: 'items', limit: 20, offset: 0 },
  },
  HANABI_DATA_GET: {
    sdk: 'data.get',
    summary: 'One document by its id, or null when there is none.',
    home: 'server',
    needs: { all: ['data.store'] },
    scope: {},
    payload: z.strictObject({ collection: Collection, id: DocumentId }),
    result: DataDocument.nullable(),
    windowless: true,
    errors: [],
    example: { collection: 'items', id: 'lantern' },
  },
  HANABI_DATA_PUT: {
    sdk: 'data.put',
    summary: 'Stores a document: a new one under an id of the host, or with an id the one that has it, new or not.',
    home: 'server',
    needs: { all: ['data.store'] },
    scope: {},
    payload: z.strictObject({
      collection: Collection,
      data: z.json().describe('Anything that JSON can say.'),
      id: DocumentId.optional(),
      ifVersion: IfVersion,
    }),
    result: DocumentFacts,
    changes: 'data',
    windowless: true,
    errors: ['HANABI-Q003', 'HANABI-Q008', 'HANABI-Q009', 'HANABI-Q010', 'HANABI-Q011', 'HANABI-V012'],
    example: { collection: 'items', data: { name: 'Lantern', count: 3 }, id: 'lantern' },
  },
  HANABI_DATA_QUERY: {
    sdk: 'data.query',
    summary:
      'The documents whose top-level fields equal all of these values, the newest-updated first; answered from an index.',
    home: 'server',
    needs: { all: ['data.store'] },
    scope: {},
    payload: z.strictObject({
      collection: Collection,
      where: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
        .optional()
        .describe(`At most ${LIMITS.data_where_fields_max} fields; none: every document.`),
      limit: Limit.optional(),
    }),
    result: z.object({
      docs: z.array(DataDocument),
      truncated: z.boolean().describe('There are, or may be, more than these: a bound has cut the answer.'),
    }),
    windowless: true,
    errors: [],
    example: { collection: 'items', where: { name: 'Lantern' }, limit: 20 },
  },
  HANABI_DATA_DELETE: {
    sdk: 'data.delete',
    summary: 'Deletes one document; the last one takes its collection with it.',
    home: 'server',
    needs: { all: ['data.store'] },
    scope: {},
    payload: z.strictObject({ collection: Collection, id: DocumentId, ifVersion: IfVersion }),
    result: z.object({ existed: z.boolean() }),
    changes: 'data',
    windowless: true,
    errors: ['HANABI-V012'],
    example: { collection: 'items', id: 'lantern' },
  },
} as const satisfies Record<string, CapabilityRow>;

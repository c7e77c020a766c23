/** One JSON Schema for each message on the wire: request, reply and event, each as its whole envelope. */
import {
  CAPABILITIES,
  CAPABILITY_TYPES,
  ERROR_CATEGORIES,
  ERRORS,
  EVENTS,
  FOLDER_ROLES,
  LIMITS,
  manifestJsonSchema,
  PERMISSION_NAMES,
  PROTOCOL_VERSION,
  recordingJsonSchema,
} from '@hanabi/protocol';
import type { JsonSchema } from './schema-table.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const version = { const: PROTOCOL_VERSION };
const rid = { type: 'string', minLength: 1, maxLength: LIMITS.rid_chars_max };

/** Objects stay open in replies and events: a newer host may say more. */
export function toSchema(shape: {
  toJSONSchema: (options: { io: 'input'; unrepresentable: 'any' }) => unknown;
}): JsonSchema {
  return plain(shape.toJSONSchema({ io: 'input', unrepresentable: 'any' }));
}

/** The schema as it will stand in its file; zod's own type of it has no shape that ours could be compared with. */
function plain(schema: unknown): JsonSchema {
  return JSON.parse(JSON.stringify(schema));
}

/** File name → schema. */
export function messageSchemas(): Map<string, unknown> {
  const files = new Map<string, unknown>([['error-reply.json', errorReply()]]);
  for (const type of CAPABILITY_TYPES) {
    const row = CAPABILITIES[type];
    files.set(`${type}.json`, request(type, row.summary, toSchema(row.payload)));
    files.set(`${type}_RESULT.json`, reply(type, toSchema(row.result)));
  }
  for (const [type, event] of Object.entries(EVENTS)) {
    files.set(`${type}.json`, eventMessage(type, event.summary, toSchema(event.payload)));
  }
  return files;
}

export function manifestSchema(): JsonSchema {
  const { $schema, ...rest } = plain(manifestJsonSchema());
  const about = { title: 'hanabi.module.json', description: 'The manifest of a HanabiMatsuri module, version 5.0.' };
  return { $schema, ...about, ...rest };
}

export function recordingSchema(): JsonSchema {
  const { $schema, ...rest } = plain(recordingJsonSchema());
  const about = { title: 'recording', description: 'What the debugger exports of one launch of a module.' };
  return { $schema, ...about, ...rest };
}

function request(type: string, summary: string, payload: JsonSchema) {
  return {
    $schema: DIALECT,
    title: type,
    description: summary,
    type: 'object',
    properties: { v: version, type: { const: type }, rid, ...payload.properties },
    required: ['v', 'type', 'rid', ...(payload.required ?? [])],
    additionalProperties: false,
    ...definitions(payload),
  };
}

function reply(type: string, result: JsonSchema) {
  const { $schema: _dialect, $defs: _definitions, ...data } = result;
  const good = {
    type: 'object',
    properties: { v: version, type: { const: `${type}_RESULT` }, rid, ok: { const: true }, data },
    required: ['v', 'type', 'rid', 'ok', 'data'],
  };
  return {
    $schema: DIALECT,
    title: `${type}_RESULT`,
    description: `The reply to ${type}.`,
    anyOf: [good, { $ref: 'error-reply.json' }],
    ...definitions(result),
  };
}

function eventMessage(type: string, summary: string, payload: JsonSchema) {
  return {
    $schema: DIALECT,
    title: type,
    description: summary,
    type: 'object',
    properties: { v: version, type: { const: type }, rid, ...payload.properties },
    required: ['v', 'type', ...(payload.required ?? [])],
    ...definitions(payload),
  };
}

function errorReply() {
  return {
    $schema: DIALECT,
    title: 'error reply',
    description: 'The reply to any request that failed.',
    type: 'object',
    properties: {
      v: version,
      type: { type: 'string', pattern: '_RESULT$' },
      rid: { anyOf: [rid, { type: 'null' }] },
      ok: { const: false },
      error: {
        type: 'object',
        properties: {
          code: { enum: Object.keys(ERRORS) },
          category: { enum: ERROR_CATEGORIES },
          message: { type: 'string' },
          log: { type: 'string' },
          jobId: { type: 'string' },
          requestId: { type: 'string' },
          permission: { enum: PERMISSION_NAMES },
          role: { enum: FOLDER_ROLES },
        },
        required: ['code', 'category', 'message'],
      },
    },
    required: ['v', 'type', 'rid', 'ok', 'error'],
  };
}

const definitions = ({ $defs }: JsonSchema) => ($defs ? { $defs } : {});

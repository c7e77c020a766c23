/** docs/reference/capabilities.md: every message a module may send, one section each. */
import { CAPABILITIES, CAPABILITY_TYPES, type CapabilityType, capabilityRow, ERRORS, EVENTS } from '@hanabi/protocol';
import type { CapabilityRow, ScopeRule } from '@hanabi/protocol';
import { toSchema } from './json-schemas.ts';
import { code, codeList, json, page, table } from './markdown.ts';
import { schemaTable } from './schema-table.ts';

const ENVELOPE = `A request is \`{ v: 1, type, rid, …payload }\`, its reply \`{ v: 1, type: "<type>_RESULT", rid, ok: true, data }\` or
\`{ …, ok: false, error: { code, category, message } }\`. An event that belongs to a request carries the request’s \`rid\`.
Beside the errors listed with a message, any request can end with a code of the families V (malformed or unknown),
P (not declared, not granted), A (the session has ended), M (the window is no longer open) and HANABI-Q002 (too many).`;

export function capabilitiesPage(): string {
  const overview = table(
    ['message', 'SDK', 'permission', 'answered by'],
    CAPABILITY_TYPES.map((type) => [
      `[${code(type)}](#${type.toLowerCase()})`,
      code(`${CAPABILITIES[type].sdk}()`),
      needs(capabilityRow(type)),
      home(capabilityRow(type)),
    ]),
  );
  return page('Capabilities', ENVELOPE, overview, ...CAPABILITY_TYPES.map(section), '## Events', ...eventSections());
}

function section(type: CapabilityType): string {
  const row = capabilityRow(type);
  return [
    `## ${type}`,
    row.summary,
    table(
      ['', ''],
      [
        ['SDK method', code(`${row.sdk}()`)],
        ['permission', needs(row)],
        ['scope', scope(row)],
        ['answered by', home(row)],
        ...(row.windowless ? [['workflows', 'may ask for it too, as for an activity']] : []),
        ...(row.events ? [['events', codeList(row.events)]] : []),
        ['JSON Schema', `[request](schemas/${type}.json), [reply](schemas/${type}_RESULT.json)`],
      ],
    ),
    `**Payload**\n\n${schemaTable(toSchema(row.payload))}`,
    `**Result**\n\n${result(type, row)}`,
    `**Errors**\n\n${errors(row)}`,
    `**Example**\n\n${json({ v: 1, type, rid: 'r1', ...row.example })}`,
  ].join('\n\n');
}

function result(type: CapabilityType, row: CapabilityRow): string {
  const first = CAPABILITY_TYPES.find((other) => CAPABILITIES[other].result === row.result);
  if (first === undefined || first === type) return schemaTable(toSchema(row.result));
  return `As of [${code(first)}](#${first.toLowerCase()}).`;
}

function needs({ needs: { all = [], any = [] }, needsWhen }: CapabilityRow): string {
  const parts: string[] = [];
  if (all.length > 0) parts.push(all.map(code).join(' and '));
  if (any.length > 0) parts.push(any.map(code).join(' or '));
  if (needsWhen) {
    const condition = `${needsWhen.field}: ${JSON.stringify(needsWhen.equals)}`;
    parts.push(`with ${code(condition)} also ${code(needsWhen.declared)}, declared`);
  }
  return parts.join('; ') || 'none';
}

function scope({ scope: rules, widenedBy }: CapabilityRow): string {
  const parts = Object.values(rules).map(scopeOf);
  const ids = Object.values(rules).some((rule) => rule.kind !== 'ownFolder');
  if (ids && widenedBy)
    parts.push(`with ${code(widenedBy)} it may be anything of the user that is not another module’s`);
  const folders = Object.values(rules).some(({ kind }) => kind === 'readableFolder' || kind === 'manageableFolder');
  if (folders) parts.push('the folder id `root` is the user’s top folder');
  return parts.join('; ') || 'the module itself, for the signed-in user';
}

function scopeOf(rule: ScopeRule): string {
  switch (rule.kind) {
    case 'readableItem':
    case 'manageableItem':
      return `${code(rule.fileFrom)} or ${code(rule.folderFrom)} lies in the module’s own folders`;
    case 'readableFolder':
    case 'manageableFolder':
      return `${code(rule.from)} lies in the module’s own folders, or ${code(rule.roleFrom)} names one; left out: ${code(rule.fallback)}`;
    case 'ownFolder':
      return rule.from === null
        ? `the module’s own ${code(rule.fallback)} folder`
        : `${code(rule.from)} names one of the module’s own folders; left out: ${code(rule.fallback)}`;
    case 'readableFile':
    case 'readableFiles':
    case 'copySource':
    default:
      return `${code(rule.from)} lies in the module’s own folders, or was opened with it or picked for it`;
  }
}

const home = ({ home: place }: CapabilityRow) => (place === 'web' ? 'the desktop' : 'the server');

function errors(row: CapabilityRow): string {
  if (row.errors.length === 0) return 'None of its own.';
  return table(
    ['code', 'category', 'meaning'],
    row.errors.map((name) => [
      `[${name}](errors.md#${name.toLowerCase()})`,
      ERRORS[name].category,
      `${ERRORS[name].message}.`,
    ]),
  );
}

function eventSections(): string[] {
  return Object.entries(EVENTS).map(([type, event]) =>
    [`### ${type}`, event.summary, schemaTable(toSchema(event.payload)), `[JSON Schema](schemas/${type}.json)`].join(
      '\n\n',
    ),
  );
}

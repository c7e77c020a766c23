/** The shorter pages of docs/reference: permissions, errors, limits, the manifest. */
import {
  ERRORS,
  KEPT_INSTEAD,
  KeptBytes,
  LIMITS,
  LIVE_EVENTS,
  PERMISSION_NAMES,
  PERMISSIONS,
  RECORDING_FORMAT,
  RECORDING_SCHEMA,
  RecordingEntry,
  TIERS,
  WORKER_TIERS,
} from '@hanabi/protocol';
import { manifestSchema, recordingSchema, toSchema } from './json-schemas.ts';
import { bytes, code, page, table } from './markdown.ts';
import { schemaTable } from './schema-table.ts';

export function permissionsPage(): string {
  const sections = Object.entries(TIERS).map(([tier, meaning]) => {
    const names = PERMISSION_NAMES.filter((name) => PERMISSIONS[name].tier === tier);
    const rows = names.map((name) => [code(name), `${PERMISSIONS[name].sentence}.`]);
    return `## ${tier}: ${meaning}\n\n${table(['permission', 'what the user reads'], rows)}`;
  });
  const intro = 'What a manifest may list under `permissions`. The tier says who grants it.';
  return page('Permissions', intro, ...sections);
}

const FAMILIES: Readonly<Record<string, string>> = {
  P: 'Permission and capability',
  F: 'Files and folders',
  W: 'Worker and sandbox',
  N: 'Network',
  V: 'Validation and packaging',
  Q: 'Quota',
  M: 'Module lifecycle',
  A: 'Account and sign-in',
};

export function errorsPage(): string {
  const intro = `Every failure has one of these codes; they are never renumbered. \`error.category\` is the coarse word to branch on
when the exact code does not matter. A concrete detail may follow the sentence after a colon.`;
  const sections = Object.entries(FAMILIES).flatMap(([letter, title]) => {
    const rows = Object.entries(ERRORS).filter(([name]) => name.startsWith(`HANABI-${letter}`));
    if (rows.length === 0) return [];
    const entries = rows.map(([name, row]) =>
      [
        `### ${name}`,
        `**${row.message}.** ${code(row.category)}, HTTP ${row.http}`,
        `${row.meaning}\n\nWhat to do: ${row.fix}`,
      ].join('\n\n'),
    );
    return [`## ${title}`, ...entries];
  });
  return page('Error codes', intro, ...sections);
}

export function limitsPage(): string {
  const limits = Object.entries(LIMITS).map(([name, value]) => [code(name), amount(name, value)]);
  const tiers = Object.entries(WORKER_TIERS).map(([tier, values]) => ({ tier, values: Object.entries(values) }));
  const rows = tiers[0]!.values.map(([name], row) => [
    code(name),
    ...tiers.map(({ values }) => amount(name, values[row]![1])),
  ]);
  return page(
    'Limits',
    'The unit stands at the end of each name.',
    table(['limit', 'value'], limits),
    '## Worker tiers',
    'What bounds one run of a worker. The manifest asks for a tier under `worker.tier`; `small` is the default.',
    table(['', ...tiers.map(({ tier }) => tier)], rows),
  );
}

export function liveEventsPage(): string {
  const intro = `What the server tells every open desktop of a user over the live channel (\`/api/live\`), each as
\`{ "op": "live", "event": { "topic": …, …fields } }\`. They are hints: a desktop that was away, or read too slowly, is told
\`missed\` and asks again. Modules hear of documents only, as \`HANABI_DATA_CHANGED\`.`;
  const sections = Object.entries(LIVE_EVENTS).map(([topic, { summary, payload }]) =>
    [`## ${topic}`, summary, schemaTable(toSchema(payload))].join('\n\n'),
  );
  return page('Live events', intro, ...sections);
}

function amount(name: string, value: number): string {
  if (/_bytes(_|$)/.test(name)) return bytes(value);
  if (!/_ms(_|$)/.test(name)) return String(value);
  const day_ms = 24 * 3600 * 1000;
  return value % day_ms === 0 ? `${value / day_ms} days` : `${value / 1000} s`;
}

export function manifestPage(): string {
  const intro = `The file \`hanabi.module.json\` at the root of a module. Editors complete it when it names the
[JSON Schema](hanabi.module.schema.json) under \`$schema\`. Numbers of \`ui.window\` outside sane bounds are clamped; folders left
out become Imports (input), Exports (output) and Workspace below \`Modules/<name>\`. A module with \`entrypoints.worker\` lists the
permission \`worker.execute\`.`;
  return page('Manifest', intro, schemaTable(manifestSchema()));
}

export function recordingPage(): string {
  const intro = `The file that the [debugger](../guide/debug-a-module.md) exports, and replays; its
[JSON Schema](${RECORDING_SCHEMA}) is named by \`$schema\`. \`format\` is ${RECORDING_FORMAT}, and is raised when a reader of the former
would misunderstand it.`;
  const kinds = RecordingEntry.options.map((shape) =>
    [`## Entry: ${shape.shape.kind.value}`, schemaTable(toSchema(shape))].join('\n\n'),
  );
  return page(
    'Recording',
    intro,
    schemaTable(recordingSchema()),
    ...kinds,
    `## \`${KEPT_INSTEAD.bytes}\`: in place of a content`,
    schemaTable(toSchema(KeptBytes)),
    `## \`${KEPT_INSTEAD.hidden}\`: in place of a secret`,
    'Always `true`. Inside of a longer text the secret is replaced by `‹hidden›`.',
    `## \`${KEPT_INSTEAD.cut}\`: in place of what is too large`,
    'The beginning of a text; empty for anything else.',
  );
}

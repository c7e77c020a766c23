import { CAPABILITY_TYPES, capabilityRow, type CapabilityType } from '@hanabi/protocol';
import { type Command, UsageError } from '../command.ts';
import { EXIT_OK } from '../run-command.ts';

export const protocolList: Command = {
  name: 'protocol list',
  usage: '[--json]',
  summary: 'Lists every message that a module may send.',
  details: [['--json', 'the whole rows, payload and result as JSON Schema, as one JSON array']],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
    if (options['json']) console.log(JSON.stringify(CAPABILITY_TYPES.map(wholeRow), null, 2));
    else for (const line of CAPABILITY_TYPES.map(shortRow)) console.log(line);
    return EXIT_OK;
  },
};

function wholeRow(type: CapabilityType): Record<string, unknown> {
  const row = capabilityRow(type);
  const { sdk, summary, home, needs, needsWhen, widenedBy, scope, payload, result, events, errors, example } = row;
  return {
    type,
    sdk,
    summary,
    home,
    needs,
    needs_when: needsWhen ?? null,
    widened_by: widenedBy ?? null,
    scope,
    payload_schema: payload.toJSONSchema({ io: 'input', unrepresentable: 'any' }),
    result_schema: result.toJSONSchema({ io: 'output', unrepresentable: 'any' }),
    events: events ?? [],
    changes: row.changes ?? null,
    windowless: row.windowless ?? false,
    errors,
    example,
  };
}

function shortRow(type: CapabilityType): string {
  const { sdk, summary, needs } = capabilityRow(type);
  const permissions = [...(needs.all ?? []), ...(needs.any ? [needs.any.join(' or ')] : [])].join(', ');
  return `${type.padEnd(24)} ${`${sdk}()`.padEnd(18)} ${permissions || 'no permission'}\n    ${summary}`;
}

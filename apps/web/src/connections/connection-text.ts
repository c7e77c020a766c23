/** The words for connectors and what is typed in for them. */
import { type Connection, CONNECTORS, type ConnectorField, type ConnectorKind } from '@hanabi/protocol';
import { formatDate, type MessageKey, t } from '../i18n/i18n.ts';

type FieldName = { [Kind in ConnectorKind]: keyof (typeof CONNECTORS)[Kind]['fields'] }[ConnectorKind];

const LABELS = {
  token: 'connections.field.token',
  chat_id: 'connections.field.chat_id',
  api_key: 'connections.field.api_key',
  api_secret: 'connections.field.api_secret',
  model: 'connections.field.model',
  address: 'connections.field.address',
} as const satisfies Record<FieldName, MessageKey>;

const KINDS = {
  telegram: 'connections.kind.telegram',
  bybit: 'connections.kind.bybit',
  llm: 'connections.kind.llm',
} as const satisfies Record<ConnectorKind, MessageKey>;

const HINTS = {
  telegram: 'connections.hint.telegram',
  bybit: 'connections.hint.bybit',
  llm: 'connections.hint.llm',
} as const satisfies Record<ConnectorKind, MessageKey>;

const CAN = {
  telegram: 'connections.can.telegram',
  bybit: 'connections.can.bybit',
  llm: 'connections.can.llm',
} as const satisfies Record<ConnectorKind, MessageKey>;

export interface FieldText extends ConnectorField {
  name: string;
  label: string;
}

export function kindName(kind: ConnectorKind): string {
  return t(KINDS[kind]);
}

/** Where the credentials come from. */
export function kindHint(kind: ConnectorKind): string {
  return t(HINTS[kind]);
}

/** What a module can do by it: the sentence that a person reads beside those of permissions. */
export function connectorText(kind: ConnectorKind): string {
  return t(CAN[kind]);
}

export function fieldsOf(kind: ConnectorKind): FieldText[] {
  const rows: Readonly<Record<string, ConnectorField>> = CONNECTORS[kind].fields;
  return Object.entries(rows).map(([name, row]) => ({
    ...row,
    name,
    label: t(LABELS[name as FieldName]),
  }));
}

/** What may be seen of it again, in one line. */
export function factsOf({ kind, shown, used_at }: Connection): string {
  const fields = fieldsOf(kind)
    .filter(({ name }) => shown[name])
    .map(({ name, label }) => `${label} ${shown[name]}`);
  const used = used_at === null ? t('connections.unused') : t('connections.used', { date: formatDate(used_at) });
  return [kindName(kind), ...fields, used].join(' · ');
}

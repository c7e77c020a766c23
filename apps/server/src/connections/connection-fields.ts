/** What users type in for a connection, checked against the table of connectors, and what of it may be seen again. */
import { CONNECTORS, type ConnectorField, type ConnectorKind, HanabiError } from '@hanabi/protocol';

export type Fields = Readonly<Record<string, string>>;

const SHOWN_CHARS = 4;
/** Of a shorter secret the last characters would be too much of it. */
const SHOWN_OF_CHARS_MIN = 16;

/** All fields of the kind; those that were left out have their fallback or are empty. HANABI-V008, without the value. */
export function readFields(kind: ConnectorKind, given: Fields): Fields {
  const rows = rowsOf(kind);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(rows, name));
  if (unknown !== undefined)
    throw new HanabiError('HANABI-V008', `"${unknown}" is no field of ${CONNECTORS[kind].name}`);
  return Object.fromEntries(
    Object.entries(rows).map(([name, { pattern, required, fallback = '' }]) => {
      const value = given[name]?.trim() ?? '';
      if (value === '' && required) throw new HanabiError('HANABI-V008', `"${name}" is needed`);
      if (value !== '' && !pattern.test(value))
        throw new HanabiError('HANABI-V008', `"${name}" does not look like one`);
      return [name, value || fallback];
    }),
  );
}

/** As its user sees it again. */
export function shownFields(kind: ConnectorKind, fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(rowsOf(kind)).map(([name, { secret }]) => {
      const value = fields[name] ?? '';
      return [name, secret ? endOf(value) : value];
    }),
  );
}

export function secretsOf(kind: ConnectorKind, fields: Fields): string[] {
  const rows = rowsOf(kind);
  return Object.keys(rows)
    .filter((name) => rows[name]!.secret)
    .map((name) => fields[name] ?? '')
    .filter((value) => value !== '');
}

function endOf(secret: string): string {
  if (secret === '') return '';
  return secret.length < SHOWN_OF_CHARS_MIN ? '…' : `…${secret.slice(-SHOWN_CHARS)}`;
}

function rowsOf(kind: ConnectorKind): Readonly<Record<string, ConnectorField>> {
  return CONNECTORS[kind].fields;
}

/** Whether a run in memory is one that a list filter asks for. */
import type { IndexedValue } from './attributes.ts';
import { isListField, type ListField, timeIn } from './fields.ts';
import type { Comparator, FilterValue, ListFilter } from './list-filter.ts';

export interface Listed {
  /** null: it has none. */
  readonly fields: Readonly<Record<ListField, string | number | null>>;
  readonly attributes: readonly IndexedValue[];
}

export function matches(filter: ListFilter, run: Listed): boolean {
  if ('all' in filter) return filter.all.every((part) => matches(part, run));
  if ('any' in filter) return filter.any.some((part) => matches(part, run));
  if ('not' in filter) return !matches(filter.not, run);
  const { field } = filter;
  const value = isListField(field) ? run.fields[field] : undefined;
  const own = run.attributes.filter(({ name, kind }) => name === field && kind !== 'Memo');
  if (filter.comparator === undefined) return isListField(field) ? value !== null : own.length > 0;
  const { comparator, value: wanted } = filter;
  if (isListField(field)) return value !== undefined && value !== null && compare(value, comparator, wanted);
  return own.some((each) => compareAttribute(each, comparator, wanted));
}

function compareAttribute({ kind, text, number }: IndexedValue, comparator: Comparator, wanted: FilterValue): boolean {
  if (typeof wanted === 'boolean') return kind === 'Bool' && number === Number(wanted);
  if (typeof wanted === 'number') {
    return (kind === 'Int' || kind === 'Double') && number !== null && compare(number, comparator, wanted);
  }
  if (kind !== 'Datetime') return text !== null && compare(text, comparator, wanted);
  const time_ms = timeIn(wanted);
  return time_ms !== undefined && number !== null && compare(number, comparator, time_ms);
}

function compare(value: string | number, comparator: Comparator, wanted: FilterValue): boolean {
  if (comparator === 'starts') return String(value).startsWith(String(wanted));
  const order = orderOf(value, wanted);
  if (comparator === '=') return order === 0;
  return (
    (order < 0 && comparator.startsWith('<')) ||
    (order > 0 && comparator.startsWith('>')) ||
    (order === 0 && comparator.endsWith('='))
  );
}

/** Texts by their bytes, as databases do. */
function orderOf(value: string | number, wanted: FilterValue): number {
  if (typeof value === 'number') return value - Number(wanted);
  return Buffer.compare(Buffer.from(value), Buffer.from(String(wanted)));
}

/** Search attributes and memos as they are searched: plain values, of the kind that their payload names. */
import { LIMITS } from '@hanabi/protocol';
import { decode, valueOf } from '../payloads.ts';
import type { Fields, NewEvent, Payload } from '../wire.ts';
import { timeIn } from './fields.ts';

const KINDS = ['Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'] as const;

/** `Memo`: not an attribute, and found by its text only. */
export type AttributeKind = (typeof KINDS)[number] | 'Memo';

/** One value of a name; a list has several. */
export interface IndexedValue {
  readonly name: string;
  readonly kind: AttributeKind;
  readonly text: string | null;
  /** true is 1, and a time ms since 1970. */
  readonly number: number | null;
}

/** What an event sets; a name with no values is taken away. */
export interface AttributeChange {
  readonly name: string;
  readonly isMemo: boolean;
  readonly values: readonly IndexedValue[];
}

/** What an event says of the search attributes and the memo of its run. */
export function changesIn({ eventType, attributes }: NewEvent): AttributeChange[] {
  if (
    !/^(?:WORKFLOW_EXECUTION_STARTED|UPSERT_WORKFLOW_SEARCH_ATTRIBUTES|WORKFLOW_PROPERTIES_MODIFIED)$/.test(eventType)
  ) {
    return [];
  }
  const { searchAttributes, memo, upsertedMemo } = attributes;
  return [
    ...changes(searchAttributes?.indexedFields as Fields | undefined, false),
    ...changes((memo ?? upsertedMemo)?.fields as Fields | undefined, true),
  ];
}

/** What a history leaves of them. */
export function attributesAfter(events: readonly NewEvent[]): IndexedValue[] {
  const known = new Map<string, readonly IndexedValue[]>();
  for (const { name, isMemo, values } of events.flatMap(changesIn)) known.set(`${isMemo} ${name}`, values);
  return [...known.values()].flat();
}

function changes(fields: Fields | undefined, isMemo: boolean): AttributeChange[] {
  return Object.entries(fields ?? {}).map(([name, payload]) => ({
    name: cut(name),
    isMemo,
    values: isMemo ? memoValues(cut(name), payload as Payload) : attributeValues(cut(name), payload as Payload),
  }));
}

function memoValues(name: string, payload: Payload): IndexedValue[] {
  const value = valueOf(payload);
  if (value === null || value === undefined) return [];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return [{ name, kind: 'Memo', text: cut(text), number: null }];
}

function attributeValues(name: string, payload: Payload): IndexedValue[] {
  const { metadata } = payload as { metadata?: { type?: string } };
  const said = KINDS.find((kind) => kind === decode(metadata?.type ?? ''));
  const value = valueOf(payload);
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.slice(0, LIMITS.workflow_attribute_values_max).flatMap((each) => {
    const found = indexed(each, said);
    return found ? [{ name, ...found }] : [];
  });
}

function indexed(value: unknown, said: AttributeKind | undefined): Omit<IndexedValue, 'name'> | undefined {
  if (typeof value === 'boolean') return { kind: 'Bool', text: null, number: value ? 1 : 0 };
  if (typeof value === 'number') return { kind: said === 'Int' ? 'Int' : 'Double', text: null, number: value };
  if (typeof value !== 'string') return undefined;
  const time_ms = said === 'Datetime' ? timeIn(value) : undefined;
  if (time_ms !== undefined) return { kind: 'Datetime', text: null, number: time_ms };
  const kind = said === 'Text' || said === 'KeywordList' ? said : 'Keyword';
  return { kind, text: cut(value), number: null };
}

/** PostgreSQL takes no text with a zero in it. */
function cut(text: string): string {
  return text.replaceAll('\0', '').slice(0, LIMITS.workflow_attribute_chars_max).toWellFormed();
}

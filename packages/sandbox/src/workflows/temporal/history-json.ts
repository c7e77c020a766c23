import type { Fields, HistoryEvent } from '../wire.ts';
import { exportHistory } from './export-history.ts';

/** A history as Temporal's tools read and write it in JSON: that of protobuf, in which times are texts. */
export function historyJson(events: readonly HistoryEvent[], namespace: string): Fields {
  return temporalJson(exportHistory(events, namespace));
}

/** The same of events in Temporal's own words. */
export function temporalJson(events: readonly Fields[]): Fields {
  return { events: events.map((event) => inJson('', event)) };
}

const IS_TIME = /Time$/;
const IS_DURATION = /(?:Timeout|Interval|Backoff|Delay)$/;

function inJson(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => inJson('', each));
  if (typeof value !== 'object' || value === null) return value;
  // Values of the author's may have such names, too, but are payloads.
  const isWireTime = Object.keys(value).every((key) => key === 'seconds' || key === 'nanos');
  if (isWireTime && IS_TIME.test(name)) return timeText(value);
  if (isWireTime && IS_DURATION.test(name)) return durationText(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inJson(key, each)]));
}

function timeText({ seconds = 0, nanos = 0 }: { seconds?: number; nanos?: number }): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', `${fraction(nanos)}Z`);
}

function durationText({ seconds = 0, nanos = 0 }: { seconds?: number; nanos?: number }): string {
  return `${seconds}${fraction(nanos)}s`;
}

function fraction(nanos: number): string {
  return nanos === 0 ? '' : `.${String(nanos).padStart(9, '0')}`;
}

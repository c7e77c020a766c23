/** Texts, dates and sizes in the language of the desktop. A misspelt key or a forgotten parameter does not compile. */
import { en } from './messages.en.ts';

type Catalogue = typeof en;
export type MessageKey = keyof Catalogue;

type Placeholders<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
/** Each form of a plural may name what it needs. */
type TextOf<Entry> = Entry extends { other: infer Other } ? Entry[keyof Entry & Intl.LDMLPluralRule] | Other : Entry;
type Parameters = { [K in MessageKey]: Placeholders<TextOf<Catalogue[K]>> };
type Arguments<K extends MessageKey> = [Parameters[K]] extends [never]
  ? []
  : [parameters: Record<Parameters[K], string | number>];

/** The language of the catalogue in use. */
const language = 'en';

/** The regional form of that language which the person prefers, so that dates look the way they are used to. */
const locale = navigator.languages?.find((tag) => tag.split('-')[0] === language) ?? language;

const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' });
const fullDays = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
const times = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });

/** Sorts names as people do: case and accents apart, "2" before "10". */
export const compareNames = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' }).compare;

export function t<K extends MessageKey>(key: K, ...rest: Arguments<K>): string {
  const parameters = (rest[0] ?? {}) as Record<string, string | number>;
  const entry: string | { other: string } = en[key];
  const text = typeof entry === 'string' ? entry : pluralForm(entry, Number(parameters['count']));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}

export function formatDate(iso: string): string {
  return dates.format(new Date(iso));
}

export function formatDay(date: Date): string {
  return days.format(date);
}

export function formatFullDay(date: Date): string {
  return fullDays.format(date);
}

export function formatTime(date: Date): string {
  return times.format(date);
}

const bytes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
const sizes = new Intl.NumberFormat(locale, {
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: 'morePrecision',
});
const units = ['KiB', 'MiB', 'GiB', 'TiB'];

/** Powers of 1024, as in quotas, errors and the command line, so that 40 of them are the same 40 everywhere. */
export function formatBytes(size_bytes: number): string {
  if (size_bytes < 1024) return bytes.format(size_bytes);
  let value = size_bytes / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${sizes.format(value)} ${units[unit]}`;
}

function pluralForm(forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>, count: number): string {
  return forms[plurals.select(count)] ?? forms.other;
}

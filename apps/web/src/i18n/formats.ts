/** How a language writes numbers, dates and sizes, in the regional form that the person prefers. */
import type { Language } from './language.svelte.ts';

export interface Formats {
  plurals: Intl.PluralRules;
  numbers: Intl.NumberFormat;
  dates: Intl.DateTimeFormat;
  days: Intl.DateTimeFormat;
  fullDays: Intl.DateTimeFormat;
  times: Intl.DateTimeFormat;
  seconds: Intl.DateTimeFormat;
  bytes: Intl.NumberFormat;
  sizes: Intl.NumberFormat;
  names: Intl.Collator;
}

const made = new Map<Language, Formats>();

export function formatsOf(language: Language): Formats {
  const known = made.get(language);
  if (known) return known;
  const formats = makeFormats(navigator.languages?.find((tag) => tag.split('-')[0] === language) ?? language);
  made.set(language, formats);
  return formats;
}

function makeFormats(locale: string): Formats {
  return {
    plurals: new Intl.PluralRules(locale),
    numbers: new Intl.NumberFormat(locale),
    dates: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    days: new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' }),
    fullDays: new Intl.DateTimeFormat(locale, { dateStyle: 'full' }),
    times: new Intl.DateTimeFormat(locale, { timeStyle: 'short' }),
    seconds: new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }),
    bytes: new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' }),
    sizes: new Intl.NumberFormat(locale, {
      maximumSignificantDigits: 3,
      maximumFractionDigits: 0,
      roundingPriority: 'morePrecision',
    }),
    names: new Intl.Collator(locale, { numeric: true, sensitivity: 'base' }),
  };
}

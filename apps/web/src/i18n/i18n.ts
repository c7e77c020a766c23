/** Texts, dates and sizes in the language of the desktop. A misspelt key or a forgotten parameter does not compile. */
import { ERRORS, type ErrorCode, isErrorCode, type Permission, PERMISSIONS } from '@hanabi/protocol';
import { type Formats, formatsOf } from './formats.ts';
import { type Message, speech } from './language.svelte.ts';
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

/** Read where a text is made, so that what shows it is drawn anew when the language changes. */
const formats = (): Formats => formatsOf(speech.language);

/** Sorts names as people do: case and accents apart, "2" before "10". */
export function compareNames(a: string, b: string): number {
  return formats().names.compare(a, b);
}

export function t<K extends MessageKey>(key: K, ...rest: Arguments<K>): string {
  const parameters = (rest[0] ?? {}) as Record<string, string | number>;
  const { plurals, numbers } = formats();
  const entry: Message = speech.translation?.messages[key] ?? en[key];
  const count = Number(parameters['count']);
  const text =
    typeof entry === 'string' ? entry : (formOf(entry, count) ?? entry[plurals.select(count)] ?? entry.other);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}

/** A single thing can be named, also by a language that has no singular. */
function formOf(forms: Exclude<Message, string>, count: number): string | undefined {
  return count === 1 ? forms.one : undefined;
}

/** What an error says. The detail that may follow the sentence of its code stays as the server wrote it. */
export function errorText({ code, message }: { code: string; message: string }): string {
  const known = isErrorCode(code) ? code : undefined;
  const own = known && speech.translation?.errors[known]?.message;
  const sentence = known ? ERRORS[known].message : '';
  return own && message.startsWith(sentence) ? own + message.slice(sentence.length) : message;
}

/** What an error of this code says, of which nothing more is known. */
export function errorSentence(code: ErrorCode): string {
  return errorText({ code, message: ERRORS[code].message });
}

/** What helps against it. */
export function errorFix(code: ErrorCode): string {
  return speech.translation?.errors[code]?.fix ?? ERRORS[code].fix;
}

/** The sentence that a person reads before granting it. */
export function permissionText(permission: Permission): string {
  return speech.translation?.permissions[permission] ?? PERMISSIONS[permission].sentence;
}

export function formatDate(iso: string): string {
  return formats().dates.format(new Date(iso));
}

export function formatDay(date: Date): string {
  return formats().days.format(date);
}

export function formatFullDay(date: Date): string {
  return formats().fullDays.format(date);
}

export function formatTime(date: Date): string {
  return formats().times.format(date);
}

/** The same, to the second. */
export function formatSeconds(date: Date): string {
  return formats().seconds.format(date);
}

const units = ['KiB', 'MiB', 'GiB', 'TiB'];

/** Powers of 1024, as in quotas, errors and the command line, so that 40 of them are the same 40 everywhere. */
export function formatBytes(size_bytes: number): string {
  const { bytes, sizes } = formats();
  if (size_bytes < 1024) return bytes.format(size_bytes);
  let value = size_bytes / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${sizes.format(value)} ${units[unit]}`;
}

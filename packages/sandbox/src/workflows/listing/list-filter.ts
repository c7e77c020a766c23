/**
 * List filters as Temporal’s clients write them, such as `WorkflowType = 'Approval' AND (days > 3 OR ExecutionStatus = 'Failed')`.
 * There is more in Temporal’s than here: what is not understood is refused, and where it stands is said.
 */
import { LIMITS } from '@hanabi/protocol';
import { type FieldKind, isListField, LIST_FIELDS, STATUS_NAMES, timeIn } from './fields.ts';
import { notUnderstood, type Token, tokensOf } from './tokens.ts';

export type Comparator = '=' | '<' | '<=' | '>' | '>=' | 'starts';

/** A time of a field is ms since 1970. What search attributes are compared with is as it was written. */
export type FilterValue = string | number | boolean;

export type ListFilter =
  | { readonly all: readonly ListFilter[] }
  | { readonly any: readonly ListFilter[] }
  | { readonly not: ListFilter }
  /** Whether there is such a value. */
  | { readonly field: string; readonly comparator?: never }
  /** Whether there is one that compares so; where there is none, it does not. */
  | { readonly field: string; readonly comparator: Comparator; readonly value: FilterValue };

/** HANABI-V022 with the place of what is not understood. */
export function parseListFilter(query: string): ListFilter {
  const most = LIMITS.workflow_filter_chars_max;
  if (query.length > most) throw notUnderstood(most + 1, `it is longer than ${most} characters`);
  return new Parser(tokensOf(query)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): ListFilter {
    const filter = this.#any(0);
    const rest = this.#token;
    if (rest.kind !== 'end')
      throw notUnderstood(rest.at, `"${rest.text}" follows where AND, OR or the end was expected`);
    return filter;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  #takes(kind: 'name' | 'sign', text: string): boolean {
    const { kind: found, text: word } = this.#token;
    if (found !== kind || word.toUpperCase() !== text) return false;
    this.#next += 1;
    return true;
  }

  #must(kind: 'name' | 'sign', text: string): void {
    if (!this.#takes(kind, text)) throw notUnderstood(this.#token.at, `${text} was expected`);
  }

  #any(depth: number): ListFilter {
    const parts = [this.#all(depth)];
    while (this.#takes('name', 'OR')) parts.push(this.#all(depth));
    return parts.length === 1 ? parts[0]! : { any: parts };
  }

  #all(depth: number): ListFilter {
    const parts = [this.#part(depth)];
    while (this.#takes('name', 'AND')) parts.push(this.#part(depth));
    return parts.length === 1 ? parts[0]! : { all: parts };
  }

  #part(depth: number): ListFilter {
    const { at } = this.#token;
    if (depth > LIMITS.workflow_filter_depth_max) throw notUnderstood(at, 'it is nested too deeply');
    if (this.#takes('name', 'NOT')) return { not: this.#part(depth + 1) };
    if (!this.#takes('sign', '(')) return this.#condition();
    const inner = this.#any(depth + 1);
    this.#must('sign', ')');
    return inner;
  }

  #condition(): ListFilter {
    const { kind, text: field, at } = this.#take();
    if (kind !== 'name') throw notUnderstood(at, 'the name of a field was expected');
    if (this.#takes('name', 'IS')) {
      const isThere = this.#takes('name', 'NOT');
      this.#count(this.#token);
      this.#must('name', 'NULL');
      return isThere ? { field } : { not: { field } };
    }
    const isNot = this.#takes('name', 'NOT');
    const found = this.#comparison(field);
    return isNot ? { all: [{ field }, { not: found }] } : found;
  }

  #comparison(field: string): ListFilter {
    if (this.#takes('name', 'IN')) {
      this.#must('sign', '(');
      const any = [this.#compare(field, '=')];
      while (this.#takes('sign', ',')) any.push(this.#compare(field, '='));
      this.#must('sign', ')');
      return { any };
    }
    if (this.#takes('name', 'BETWEEN')) {
      const low = this.#compare(field, '>=');
      this.#must('name', 'AND');
      return { all: [low, this.#compare(field, '<=')] };
    }
    if (this.#takes('name', 'STARTS_WITH')) return this.#compare(field, 'starts');
    const { text, at } = this.#take();
    if (text === '!=') return { all: [{ field }, { not: this.#compare(field, '=') }] };
    if (!isSign(text)) throw notUnderstood(at, '=, !=, <, <=, >, >=, IN, BETWEEN, STARTS_WITH or IS was expected');
    return this.#compare(field, text);
  }

  #compare(field: string, comparator: Comparator): ListFilter {
    const token = this.#take();
    this.#count(token);
    const kind = isListField(field) ? LIST_FIELDS[field] : undefined;
    return { field, comparator, value: valueOf(token, comparator, kind) };
  }

  /** Each comparison is one more look at the database for every run. */
  #count({ at }: Token): void {
    this.#terms += 1;
    const most = LIMITS.workflow_filter_terms_max;
    if (this.#terms > most) throw notUnderstood(at, `it makes more than ${most} comparisons`);
  }
}

function isSign(text: string): text is Comparator {
  return ['=', '<', '<=', '>', '>='].includes(text);
}

/** `field`: what the field holds; undefined for attributes, which say it themselves. */
function valueOf(token: Token, comparator: Comparator, field: FieldKind | undefined): FilterValue {
  const value = literal(token);
  const { at } = token;
  if (comparator === 'starts') {
    if (typeof value !== 'string') throw notUnderstood(at, 'a text was expected');
    if (field !== undefined && field !== 'text') throw notUnderstood(at, 'this field does not start with a text');
    return value;
  }
  switch (field) {
    case 'status': {
      const status = Object.hasOwn(STATUS_NAMES, value as string) ? STATUS_NAMES[value as string] : undefined;
      if (!status || comparator !== '=') throw notUnderstood(at, `= or IN, and one of ${STATUSES} was expected`);
      return status;
    }
    case 'time': {
      const time_ms = typeof value === 'string' ? timeIn(value) : undefined;
      if (time_ms === undefined) throw notUnderstood(at, "a time such as '2026-11-21T15:00:00Z' was expected");
      return time_ms;
    }
    case 'number':
      if (typeof value !== 'number') throw notUnderstood(at, 'a number was expected');
      return value;
    case 'text':
      if (typeof value !== 'string') throw notUnderstood(at, 'a text in quotes was expected');
      return value;
    default:
      if (typeof value === 'boolean' && comparator !== '=') throw notUnderstood(at, 'true and false are compared by =');
      return value;
  }
}

const STATUSES = Object.keys(STATUS_NAMES).join(', ');

function literal({ kind, text, at }: Token): FilterValue {
  if (kind === 'text') return text;
  if (kind === 'number') return Number(text);
  if (kind === 'name' && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  throw notUnderstood(at, 'a text in quotes, a number, true or false was expected');
}

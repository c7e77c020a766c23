/** The words of a list filter, each with where it stands. */
import { HanabiError } from '@hanabi/protocol';

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign' | 'end';
  /** Without quotes. */
  readonly text: string;
  /** 1 for the first character. */
  readonly at: number;
}

const TOKEN =
  /\s*(?:`(?<quoted>[^`]*)`|(?<name>[A-Za-z_][\w.-]*)|'(?<single>(?:[^']|'')*)'|"(?<double>(?:[^"]|"")*)"|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<sign><=|>=|!=|[=<>(),]))/y;

/** HANABI-V022 for what is no word of it. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  // There is a database that takes none, not even as a parameter.
  const nul = query.indexOf('\0');
  if (nul >= 0) throw notUnderstood(nul + 1, 'a NUL is no part of it');
  const end = query.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(query)?.groups;
    if (!groups)
      throw notUnderstood(from + (/^\s*/.exec(query.slice(from))?.[0].length ?? 0) + 1, 'this is no word of it');
    const at = from + (/^\s*/.exec(query.slice(from))?.[0].length ?? 0) + 1;
    tokens.push({ ...wordOf(groups), at });
  }
  return [...tokens, { kind: 'end', text: '', at: end + 1 }];
}

export function notUnderstood(at: number, why: string): HanabiError {
  return new HanabiError('HANABI-V022', `at character ${at}, ${why}`);
}

function wordOf({ quoted, name, single, double, number, sign }: Record<string, string | undefined>) {
  if (single !== undefined) return { kind: 'text', text: single.replaceAll("''", "'") } as const;
  if (double !== undefined) return { kind: 'text', text: double.replaceAll('""', '"') } as const;
  if (number !== undefined) return { kind: 'number', text: number } as const;
  if (sign !== undefined) return { kind: 'sign', text: sign } as const;
  return { kind: 'name', text: quoted ?? name ?? '' } as const;
}

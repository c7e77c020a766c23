/** Finds what a TypeScript, JavaScript or Svelte file imports, types included (a bundler drops those). */

export interface ImportSite {
  readonly line: number;
  readonly specifier: string;
  /** Gone when the code runs. */
  readonly typeOnly: boolean;
}

// `import … from 'x'` and `export … from 'x'`; the clause holds neither quotes nor semicolons.
const STATIC = /(?<![\w$.])(import|export)(\s+type(?=[\s{*]))?[\s{*][^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/g;
const BARE = /(?<![\w$.])import\s*['"]([^'"\n]+)['"]/g;
const CALLED = /(?<![\w$.])(?:import|require)\s*\(\s*['"]([^'"\n]+)['"]/g;

export function findImports(source: string): ImportSite[] {
  const code = withoutComments(source);
  const sites: ImportSite[] = [];
  const add = (index: number, specifier: string, typeOnly: boolean) =>
    sites.push({ line: lineAt(code, index), specifier, typeOnly });
  for (const match of code.matchAll(STATIC)) add(match.index, match[3]!, match[2] !== undefined);
  for (const match of code.matchAll(BARE)) add(match.index, match[1]!, false);
  for (const match of code.matchAll(CALLED)) add(match.index, match[1]!, false);
  return sites.sort((a, b) => a.line - b.line);
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

// A string, a template or a comment, whichever begins first. Strings end with their line, so that a lone quote inside
// a regular expression or the text of a Svelte page does harm to no other line.
const TOKENS =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g;

// What stands before the string that names an imported module.
const BEFORE_SPECIFIER = /\b(?:from|(?:import|require)\s*\(?)\s*$/;

/** The code without comments and without the content of strings, but for the names of modules; lines stay in place. */
function withoutComments(source: string): string {
  return source.replace(TOKENS, (token, index: number) => {
    const isString = token.startsWith("'") || token.startsWith('"');
    if (isString && BEFORE_SPECIFIER.test(source.slice(Math.max(0, index - 40), index))) return token;
    return token.replace(/[^\n]/g, ' ');
  });
}

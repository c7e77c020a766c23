/** What single lines of code give away. A reviewer judges them; a module that hides something hides it from this, too. */
import type { Manifest } from '@hanabi/protocol';
import type { PackageWarning, WarningRule } from '../problem.ts';
import type { Language, SourceFile } from './source-file.ts';

interface LineRule {
  rule: WarningRule;
  languages: readonly Language[];
  pattern: RegExp;
  message: string;
}

const PAGES: readonly Language[] = ['script', 'page'];
const ALL: readonly Language[] = ['script', 'page', 'style', 'python'];
const PYTHON: readonly Language[] = ['python'];
const HTML: readonly Language[] = ['page'];

const RULES: readonly LineRule[] = [
  { rule: 'code.eval', languages: PAGES, pattern: /(?<![\w.$])eval\s*\(/, message: 'eval runs text as code' },
  {
    rule: 'code.eval',
    languages: PAGES,
    pattern: /(?<![\w.$])(?:new\s+)?Function\s*\(/,
    message: 'Function() makes code of text',
  },
  {
    rule: 'code.eval',
    languages: PAGES,
    pattern: /\bset(?:Timeout|Interval)\s*\(\s*['"`]/,
    message: 'a timer runs text as code',
  },
  {
    rule: 'code.eval',
    languages: PAGES,
    pattern: /\bimport\s*\(\s*[^'"`\s)]/,
    message: 'a module is loaded whose name is computed',
  },
  {
    rule: 'code.eval',
    languages: PYTHON,
    pattern: /(?<![\w.])(?:eval|exec|compile|__import__)\s*\(/,
    message: 'text is run as code',
  },
  {
    rule: 'code.process',
    languages: PYTHON,
    pattern:
      /\b(?:import|from)\s+(?:ctypes|cffi|subprocess|pty|multiprocessing|mmap)\b|\bos\.(?:system|popen|exec\w*|spawn\w*|fork\w*)\s*\(/,
    message: 'programs are started or native code is loaded',
  },
  {
    rule: 'page.blocked',
    languages: HTML,
    pattern: /<\s*(?:iframe|frame|object|embed|base|portal)\b/i,
    message: 'the frame of a module allows no such element',
  },
  {
    rule: 'page.blocked',
    languages: HTML,
    pattern: /<\s*form\b[^>]*\saction\s*=/i,
    message: 'a form cannot be sent anywhere',
  },
  {
    rule: 'page.blocked',
    languages: HTML,
    pattern: /<\s*meta\b[^>]*http-equiv\s*=\s*["']?(?:refresh|content-security-policy)/i,
    message: 'the server sends its own headers, and a module cannot navigate',
  },
  {
    rule: 'page.blocked',
    languages: PAGES,
    pattern: /\b(?:localStorage|sessionStorage|indexedDB|document\.cookie|serviceWorker)\b/,
    message: 'the frame of a module has no storage; keep settings or records instead',
  },
  {
    rule: 'page.blocked',
    languages: PAGES,
    pattern: /(?<![\w$])(?:alert|confirm|prompt)\s*\(|\bwindow\.open\s*\(/,
    message: 'the frame of a module opens no dialogs and no windows',
  },
  {
    rule: 'text.invisible',
    languages: ALL,
    pattern: /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/,
    message: 'invisible characters, or some that turn the order of the text',
  },
];

/** Longer lines are not written by hand. */
const LINE_CHARS_MAX = 1000;

export function scanLines({ path, language, lines }: SourceFile, manifest: Manifest): PackageWarning[] {
  // Starting programs is what this permission is for.
  const mayProcess = manifest.permissions.includes('worker.native');
  const rules = RULES.filter(
    ({ languages, rule }) => languages.includes(language) && !(mayProcess && rule === 'code.process'),
  );
  const found: PackageWarning[] = [];
  let isMinified = false;
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    const isLong =
      text.length > LINE_CHARS_MAX && text.replaceAll(/data:[\w/+.;-]+,[\w+/=%-]*/g, '').length > LINE_CHARS_MAX;
    if (isLong && !isMinified) {
      isMinified = true;
      found.push({
        severity: 'warning',
        rule: 'code.minified',
        path,
        line,
        message: `a line of ${text.length} characters`,
      });
    }
    for (const { rule, pattern, message } of rules) {
      if (pattern.test(text)) found.push({ severity: 'warning', rule, path, line, message });
    }
  }
  return found;
}

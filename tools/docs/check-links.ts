/** Relative links of a Markdown file: what they name must exist, headings included. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from '../setup/paths.mjs';
import { withoutBlocks } from './fenced-blocks.ts';

const LINK = /!?\[(?:[^\][]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const HTML_LINK = /<(?:a|img|source)\b[^>]*?\s(?:href|src|srcset)="([^"]+)"/g;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/gm;

/** One sentence for each link that leads nowhere. */
export function checkLinks(file: string, markdown: string): string[] {
  const text = withoutBlocks(markdown);
  // Inline code is no link.
  const linked = text.replace(/`[^`\n]*`/g, (span) => span.replace(/[()<>]/g, ' '));
  return [...linked.matchAll(LINK), ...linked.matchAll(HTML_LINK)].flatMap((match) => {
    const target = match[1]!;
    if (/^[a-z][a-z0-9+.-]*:/i.test(target) || leadsSomewhere(file, target)) return [];
    return [`${file}:${text.slice(0, match.index).split('\n').length} the link "${target}" leads nowhere`];
  });
}

function leadsSomewhere(file: string, target: string): boolean {
  const [place = '', heading] = target.split('#', 2);
  const linked = place === '' ? file : path.posix.join(path.posix.dirname(file), decodeURIComponent(place));
  if (linked.startsWith('../') || !existsSync(inRoot(linked))) return false;
  if (!heading || !linked.endsWith('.md') || statSync(inRoot(linked)).isDirectory()) return true;
  return headingIds(readFileSync(inRoot(linked), 'utf8')).has(heading);
}

/** The ids that forges give to headings: lower case, punctuation gone, spaces to dashes. */
function headingIds(markdown: string): Set<string> {
  const ids = new Set<string>();
  for (const match of withoutBlocks(markdown).matchAll(HEADING)) {
    const text = match[1]!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    ids.add(
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    );
  }
  return ids;
}

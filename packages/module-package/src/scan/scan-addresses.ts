/** Where the code points to: on the internet, and among the files of the package. */
import { isOrigin, type Manifest } from '@hanabi/protocol';
import type { PackageWarning } from '../problem.ts';
import type { SourceFile } from './source-file.ts';

const ADDRESS = /(?:https?|wss?|ftp):\/\/[^\s"'`<>()\\]+/gi;
/** Names of XML, not addresses anybody goes to. */
const NAMESPACES = /^https?:\/\/(?:www\.)?w3\.org\//i;
const LOCAL_LINK =
  /<\s*(?:script|img|link|source|video|audio|track|image)\b[^>]*?\s(?:src|href)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const PROTOCOL_RELATIVE = /\b(?:src|href)\s*=\s*["']\/\//i;

export function scanAddresses(file: SourceFile, manifest: Manifest, paths: ReadonlySet<string>): PackageWarning[] {
  const declared = new Set(manifest.dependencies.services.map((origin) => origin.toLowerCase()));
  const found: PackageWarning[] = [];
  for (const [index, text] of file.lines.entries()) {
    const place = { path: file.path, line: index + 1 };
    for (const [address] of text.matchAll(ADDRESS)) {
      if (NAMESPACES.test(address) || declared.has(originOf(address))) continue;
      const message = `${address.slice(0, 120)} is not among dependencies.services`;
      found.push({ severity: 'warning', rule: 'url.remote', ...place, message });
    }
    if (file.language !== 'page') continue;
    if (PROTOCOL_RELATIVE.test(text)) {
      found.push({ severity: 'warning', rule: 'url.remote', ...place, message: 'an address of another server' });
    }
    for (const [, double, single] of text.matchAll(LOCAL_LINK)) {
      const link = double ?? single ?? '';
      const target = resolveLink(file.path, link);
      if (target === undefined || paths.has(target)) continue;
      found.push({ severity: 'warning', rule: 'page.missing', ...place, message: `there is no file ${target}` });
    }
  }
  return found;
}

function originOf(address: string): string {
  const origin = /^[a-z]+:\/\/[^/?#]+/i.exec(address)?.[0].toLowerCase() ?? '';
  return isOrigin(origin) ? origin : '';
}

/** The path inside the package that a relative link names; undefined for any other link. */
function resolveLink(from: string, link: string): string | undefined {
  if (link === '' || /^(?:[a-z][a-z0-9+.-]*:|\/|#|\?)/i.test(link) || /[{}$]/.test(link)) return undefined;
  let url: URL;
  try {
    url = new URL(link, `https://package.invalid/${encodeURI(from)}`);
    return decodeURIComponent(url.pathname.slice(1)).normalize('NFC');
  } catch {
    return undefined;
  }
}

/** One project's page of a simple index, as HTML (PEP 503) or JSON (PEP 691): the files that it offers. */

export interface IndexFile {
  filename: string;
  /** Absolute, without its fragment. */
  url: string;
  /** Of the bytes, when the index tells. */
  sha256: string | undefined;
  requires_python: string | undefined;
  yanked: boolean | string;
}

export class IndexPageError extends Error {}

/** `url` is where the page came from in the end: links are relative to it. */
export function parseIndexPage(text: string, content_type: string, url: string): IndexFile[] {
  return /^application\/(vnd\.pypi\.simple\.v1\+)?json\b/.test(content_type)
    ? fromJson(text, url)
    : fromHtml(text, url);
}

function fromJson(text: string, base: string): IndexFile[] {
  let page: { files?: unknown };
  try {
    page = JSON.parse(text) as { files?: unknown };
  } catch {
    throw new IndexPageError('the index answered with broken JSON');
  }
  if (!Array.isArray(page.files)) throw new IndexPageError('the index answered with JSON that lists no files');
  return (page.files as Record<string, unknown>[]).flatMap((file) => {
    const hashes = (file['hashes'] ?? {}) as Record<string, unknown>;
    const { filename, url, yanked } = file;
    if (typeof filename !== 'string' || typeof url !== 'string') return [];
    return toFile(filename, url, base, {
      sha256: textOf(hashes['sha256']),
      requires_python: textOf(file['requires-python']),
      yanked: typeof yanked === 'string' ? yanked : yanked === true,
    });
  });
}

/** Anchors only: the rest of such a page has no meaning. */
function fromHtml(text: string, base: string): IndexFile[] {
  const files: IndexFile[] = [];
  for (const [, attributes = '', content = ''] of text.matchAll(/<a\s([^>]*)>([^<]*)<\/a/gi)) {
    const found = new Map<string, string>();
    for (const [, name = '', quoted, single, bare] of attributes.matchAll(ATTRIBUTE)) {
      found.set(name.toLowerCase(), unescapeHtml(quoted ?? single ?? bare ?? ''));
    }
    const href = found.get('href');
    if (href === undefined) continue;
    const yanked = found.get('data-yanked');
    files.push(
      ...toFile(unescapeHtml(content).trim(), href, base, {
        sha256: /#(?:.*&)?sha256=([0-9a-f]{64})/i.exec(href)?.[1],
        requires_python: found.get('data-requires-python'),
        yanked: yanked === undefined ? false : yanked || true,
      }),
    );
  }
  return files;
}

const ATTRIBUTE = /([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi;

function toFile(
  filename: string,
  link: string,
  base: string,
  rest: Pick<IndexFile, 'sha256' | 'requires_python' | 'yanked'>,
): IndexFile[] {
  // What is no plain name would become a path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._+!-]{0,250}$/.test(filename) || !URL.canParse(link, base)) return [];
  const url = new URL(link, base);
  url.hash = '';
  return [{ filename, url: url.href, ...rest, sha256: rest.sha256?.toLowerCase() }];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const ENTITIES: Partial<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (all, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : undefined;
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    return ENTITIES[String(name).toLowerCase()] ?? all;
  });
}

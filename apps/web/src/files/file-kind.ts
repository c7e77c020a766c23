/** What sort of thing a file is, as far as its picture goes. */
import { MIB } from '@hanabi/protocol';

export type FileKind = 'image' | 'audio' | 'video' | 'text' | 'document' | 'sheet' | 'archive' | 'code' | 'other';

const byExtension: Record<string, FileKind> = {
  csv: 'sheet',
  docx: 'document',
  gz: 'archive',
  htm: 'code',
  html: 'code',
  js: 'code',
  json: 'code',
  md: 'text',
  ods: 'sheet',
  odt: 'document',
  pdf: 'document',
  py: 'code',
  tar: 'archive',
  ts: 'code',
  xlsx: 'sheet',
  xml: 'code',
  zip: 'archive',
};

export function fileKind(name: string, mime_type: string): FileKind {
  const known = byExtension[extensionOf(name)];
  if (known) return known;
  const family = mime_type.split('/')[0];
  return family === 'image' || family === 'audio' || family === 'video' || family === 'text' ? family : 'other';
}

/** The extension in lower case without its dot, or '' for a name without one. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

const rasters = new Set(['image/avif', 'image/bmp', 'image/gif', 'image/jpeg', 'image/png', 'image/webp']);
const own_thumbnail_bytes_max = MIB;

/** Whether the server may have a small picture of it. */
export function hasThumbnail(file: { mime_type: string; size_bytes: number }): boolean {
  return rasters.has(file.mime_type) && file.size_bytes > 0;
}

/** Whether the file itself may serve as its thumbnail: a picture that browsers draw, and few bytes. */
export function isItsOwnThumbnail(file: { mime_type: string; size_bytes: number }): boolean {
  return hasThumbnail(file) && file.size_bytes <= own_thumbnail_bytes_max;
}

export type PreviewKind = 'image' | 'drawing' | 'audio' | 'video' | 'text' | 'pdf' | 'none';

const text_types = new Set(['application/javascript', 'application/json', 'application/xml', 'application/yaml']);

/**
 * How a file can be shown without running anything of it. What is text is shown as text, markup included; a drawing
 * (SVG) is markup as well, but an <img> paints it without scripts and without loading anything.
 */
export function previewKind(name: string, mime_type: string): PreviewKind {
  if (rasters.has(mime_type)) return 'image';
  if (mime_type === 'image/svg+xml') return 'drawing';
  if (mime_type === 'application/pdf') return 'pdf';
  const family = mime_type.split('/')[0];
  if (family === 'audio' || family === 'video' || family === 'text') return family;
  const kind = fileKind(name, mime_type);
  return text_types.has(mime_type) || kind === 'code' || kind === 'text' || extensionOf(name) === 'csv'
    ? 'text'
    : 'none';
}

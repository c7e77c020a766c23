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
const thumbnail_bytes_max = 5 * MIB;

/** Whether the file itself may serve as its thumbnail: a picture that browsers draw, and not too many bytes. */
export function hasThumbnail(file: { mime_type: string; size_bytes: number }): boolean {
  return rasters.has(file.mime_type) && file.size_bytes > 0 && file.size_bytes <= thumbnail_bytes_max;
}

import { readFile } from 'node:fs/promises';
import { LIMITS } from '@hanabi/protocol';
import type { PackageFile } from '../package-files.ts';

export type Language = 'script' | 'page' | 'style' | 'python';

const LANGUAGES: Readonly<Record<string, Language>> = {
  js: 'script',
  mjs: 'script',
  cjs: 'script',
  ts: 'script',
  jsx: 'script',
  tsx: 'script',
  svelte: 'page',
  html: 'page',
  htm: 'page',
  xhtml: 'page',
  svg: 'page',
  css: 'style',
  py: 'python',
  pyi: 'python',
};

export interface SourceFile {
  path: string;
  language: Language;
  lines: string[];
}

/** The file as the scan reads it; undefined for what is no code, and a reason where it could not be read. */
export async function readSource(file: PackageFile): Promise<SourceFile | string | undefined> {
  const language = LANGUAGES[file.path.slice(file.path.lastIndexOf('.') + 1).toLowerCase()];
  if (!language) return undefined;
  if (file.size_bytes > LIMITS.package_scan_bytes_max) return `is larger than ${LIMITS.package_scan_bytes_max} bytes`;
  const bytes = await readFile(file.source);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { path: file.path, language, lines: text.split(/\r\n|\r|\n/) };
  } catch {
    return 'is not UTF-8';
  }
}

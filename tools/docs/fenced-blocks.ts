/** The fenced code blocks of a Markdown file, and its text without them. */

export interface FencedBlock {
  readonly line: number;
  readonly language: string;
  /** What follows the language: "test", "file=hello/ui/index.html". */
  readonly info: string;
  readonly content: string;
}

const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^\s`]*)([^\n`]*)\n([\s\S]*?)^\1\2[ \t]*$/gm;

export function fencedBlocks(markdown: string): FencedBlock[] {
  return [...markdown.matchAll(FENCE)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    language: match[3]!,
    info: match[4]!.trim(),
    content: match[5]!,
  }));
}

/** Blocks and comments are blanked out; lines stay where they are. */
export function withoutBlocks(markdown: string): string {
  return markdown.replace(FENCE, blank).replace(/<!--[\s\S]*?-->/g, blank);
}

const blank = (text: string) => text.replace(/[^\n]/g, '');

/** Small pieces of Markdown. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const code = (text: string) => `\`${text}\``;

export const codeList = (texts: readonly string[]) => texts.map(code).join(', ');

/** A page with the note that keeps people from editing it. */
export function page(title: string, ...parts: readonly string[]): string {
  const note = '<!-- Written by `npm run generate` from packages/protocol; changes made here are lost. -->';
  return `${[note, `# ${title}`, ...parts.filter((part) => part !== '')].join('\n\n')}\n`;
}

export function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

/** 262144 → 256 KiB; other numbers as they are. */
export function bytes(value: number): string {
  const units = [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const;
  for (const [unit, size] of units) if (value >= size && value % size === 0) return `${value / size} ${unit}`;
  return `${value} bytes`;
}

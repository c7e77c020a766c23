/** Two texts line by line: what went, what came, and a little of what stayed around it. */
export interface DifferenceLine {
  kind: 'same' | 'gone' | 'new' | 'cut';
  text: string;
}

/** Lines that stay around each change. */
const AROUND = 2;
/** The table below grows with the product of both. */
const LINES_MAX = 1500;

export function lineDifference(before: string, after: string): DifferenceLine[] {
  const old = before.split('\n').slice(0, LINES_MAX);
  const next = after.split('\n').slice(0, LINES_MAX);
  return shortened(aligned(old, next));
}

/** Along the longest common run of lines. */
function aligned(old: readonly string[], next: readonly string[]): DifferenceLine[] {
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(next.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = next.length - 1; j >= 0; j -= 1) {
      const same = old[i] === next[j];
      common[i]![j] = same ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: DifferenceLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push({ kind: 'same', text: old[i]! });
      i += 1;
      j += 1;
    } else if (j >= next.length || (i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ kind: 'gone', text: old[i]! });
      i += 1;
    } else {
      lines.push({ kind: 'new', text: next[j]! });
      j += 1;
    }
  }
  return lines;
}

function shortened(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ kind }) => kind !== 'same'),
  );
  const kept: DifferenceLine[] = [];
  for (const [index, line] of lines.entries()) {
    if (near[index]) kept.push(line);
    else if (kept.at(-1)?.kind !== 'cut') kept.push({ kind: 'cut', text: '⋯' });
  }
  return kept;
}

/** What a benchmark reports: ours beside a floor or a peer, measured in the same run, because machines differ. */
export interface Figure {
  name: string;
  ours: number;
  /** The floor or the target that `ours` is held against; null where nothing comparable runs here. */
  floor: number | null;
  /** ours ÷ floor. */
  ratio: number | null;
  unit: 'ms' | 'KB' | 'MB' | 'MB/s' | 'jobs/s' | 'calls/s' | 'frames/s' | '%';
  /** What the floor is. */
  against: string;
}

export function figure(
  name: string,
  unit: Figure['unit'],
  ours: number,
  floor: number | null,
  against: string,
): Figure {
  const ratio = floor === null || floor === 0 ? null : ours / floor;
  return {
    name,
    ours: round(ours),
    floor: floor === null ? null : round(floor),
    ratio: ratio && round(ratio),
    unit,
    against,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

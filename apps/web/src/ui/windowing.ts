/**
 * Which of very many entries stand in view. Pure arithmetic: entries lie in rows of `columns` each, all of one height,
 * the first row at `lead_px` below the top of what scrolls.
 */
export interface Tiling {
  count: number;
  columns: number;
  row_px: number;
  lead_px: number;
  /** Height at the top of the view that a head covers. */
  covered_px: number;
}

/** Entries from `first` up to, not including, `end`. */
export interface Span {
  first: number;
  end: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function rowsOf({ count, columns }: Pick<Tiling, 'count' | 'columns'>): number {
  return Math.ceil(count / columns);
}

/** The entries in view and some rows beyond, so that a quick hand finds no gaps. */
export function visibleSpan(tiling: Tiling, top_px: number, height_px: number, spare_rows = 6): Span {
  const { count, columns, row_px, lead_px } = tiling;
  const rows = rowsOf(tiling);
  const firstRow = clamp(Math.floor((top_px - lead_px) / row_px) - spare_rows, 0, rows);
  const endRow = clamp(Math.ceil((top_px - lead_px + height_px) / row_px) + spare_rows, firstRow, rows);
  return { first: firstRow * columns, end: Math.min(count, endRow * columns) };
}

/** The indexes to draw: those in view, and one more that must not be lost although it may be far away. */
export function drawnIndexes({ first, end }: Span, kept: number): number[] {
  const drawn = Array.from({ length: end - first }, (_, step) => first + step);
  // In the order of the entries, so that no element ever moves in the page: moving one takes its focus away.
  if (kept >= 0 && kept < first) drawn.unshift(kept);
  if (kept >= end) drawn.push(kept);
  return drawn;
}

/** Where to scroll to, so that an entry can be seen; where it is in view already, nothing moves. */
export function scrollToShow(tiling: Tiling, index: number, top_px: number, height_px: number): number {
  const { columns, row_px, lead_px, covered_px } = tiling;
  const row_top_px = lead_px + Math.floor(index / columns) * row_px;
  if (row_top_px - covered_px < top_px) return Math.max(0, row_top_px - covered_px);
  if (row_top_px + row_px > top_px + height_px) return row_top_px + row_px - height_px;
  return top_px;
}

/** The entries that a box touches; the box in pixels from the corner where the first entry begins. */
export function indexesWithin(tiling: Tiling, width_px: number, box: Box): number[] {
  const { count, columns, row_px } = tiling;
  const column_px = width_px / columns;
  if (box.right < 0 || box.left > width_px) return [];
  const firstRow = Math.max(0, Math.floor(box.top / row_px));
  const lastRow = Math.min(rowsOf(tiling) - 1, Math.floor(box.bottom / row_px));
  const firstColumn = clamp(Math.floor(box.left / column_px), 0, columns - 1);
  const lastColumn = clamp(Math.floor(box.right / column_px), 0, columns - 1);
  const indexes: number[] = [];
  for (let row = firstRow; row <= lastRow; row += 1) {
    for (let column = firstColumn; column <= lastColumn; column += 1) {
      const index = row * columns + column;
      if (index < count) indexes.push(index);
    }
  }
  return indexes;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

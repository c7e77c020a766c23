/** How far a long command has come, on a terminal; elsewhere nothing, so that logs stay short. */
const BAR_CHARS = 24;
const DRAW_EVERY_MS = 100;
/** Of a terminal that does not say how wide it is. */
const COLUMNS = 80;

export class Progress {
  private readonly total: number;
  private drawnAt = 0;

  constructor(total: number) {
    this.total = total;
  }

  show(done: number, text: string): void {
    const { stderr } = process;
    const time = Date.now();
    if (!stderr.isTTY || time - this.drawnAt < DRAW_EVERY_MS) return;
    this.drawnAt = time;
    const part = this.total === 0 ? 1 : Math.min(1, done / this.total);
    const filled = Math.round(part * BAR_CHARS);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_CHARS - filled)}]`;
    // Names may hold anything; on a terminal some of it would be commands.
    const line = `${bar} ${String(Math.floor(part * 100)).padStart(3)}% ${text.replaceAll(/\p{C}+/gu, ' ')}`;
    stderr.write(`\r\u001b[2K${line.slice(0, (stderr.columns || COLUMNS) - 1)}`);
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  }
}

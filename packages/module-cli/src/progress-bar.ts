/** Progress on stderr: a bar that is drawn anew on a terminal, a line each elsewhere. */
const BAR_CHARS = 24;

export interface ProgressBar {
  show(pct: number, message: string): void;
  /** Takes the bar away before something else is printed. */
  clear(): void;
}

export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  let drawn = false;
  return {
    show(pct, message) {
      // A worker's message may hold anything; on a terminal some of it would be commands.
      const text = message.replaceAll(/\p{Cc}+/gu, ' ');
      const percent = `${String(Math.round(pct)).padStart(3)}%`;
      if (!stream.isTTY) {
        stream.write(`${percent} ${text}\n`);
        return;
      }
      const done = Math.round((pct / 100) * BAR_CHARS);
      const line = `[${'#'.repeat(done)}${'.'.repeat(BAR_CHARS - done)}] ${percent} ${text}`;
      stream.write(`\r\u001b[2K${line.slice(0, stream.columns - 1)}`);
      drawn = true;
    },
    clear() {
      if (drawn) stream.write('\r\u001b[2K');
      drawn = false;
    },
  };
}

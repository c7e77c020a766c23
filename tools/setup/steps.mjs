/**
 * Calm progress on the console: one line for each step that took noticeable time, with the elapsed seconds. On a
 * terminal the line moves; elsewhere it is written when the step begins, now and then while it lasts, and at its end.
 */
const QUIET_MS = 400;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const REMIND_MS = 15_000;

/** @param {number} since_ms a performance.now() of the past */
export const elapsed = (since_ms) => `${((performance.now() - since_ms) / 1000).toFixed(1)} s`;

/**
 * A line that shows that something goes on; `end` takes it away. Nothing is shown of what ends at once.
 * @param {() => string} text
 */
export function showProgress(text) {
  const start = performance.now();
  const tty = process.stdout.isTTY;
  let frame = 0;
  let reminded_ms = start;
  const timer = setInterval(
    () => {
      const now = performance.now();
      if (now - start < QUIET_MS) return;
      if (tty) {
        process.stdout.write(`\r\u001B[K${SPINNER[frame % SPINNER.length]} ${text()} ${elapsed(start)}`);
        frame += 1;
      } else if (frame === 0 || now - reminded_ms >= REMIND_MS) {
        console.log(frame === 0 ? `  ${text()} …` : `  ${text()} … ${elapsed(start)}`);
        frame += 1;
        reminded_ms = now;
      }
    },
    tty ? 100 : QUIET_MS,
  );
  return {
    /** Whether anything was shown. */
    end() {
      clearInterval(timer);
      if (tty && frame > 0) process.stdout.write('\r\u001B[K');
      return frame > 0;
    },
  };
}

/**
 * Does one step of the set-up under a progress line. A step that ended at once leaves no line behind.
 * @template T
 * @param {{ doing: string, done: string }} words
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(words, work) {
  const start = performance.now();
  const progress = showProgress(() => words.doing);
  try {
    const result = await work();
    if (progress.end()) console.log(`✓ ${words.done} (${elapsed(start)})`);
    return result;
  } catch (error) {
    progress.end();
    console.log(`✗ ${words.doing}: failed after ${elapsed(start)}`);
    throw error;
  }
}

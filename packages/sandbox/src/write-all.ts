import type { Writable } from 'node:stream';

/** Settles when the stream has handed all of it on, or is broken: whoever waits only wants to know that it is over. */
export function writeAll(stream: Writable, parts: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    if (parts.length === 0 || stream.destroyed) return resolve();
    const last = parts.length - 1;
    stream.once('close', resolve);
    stream.cork();
    for (const [at, part] of parts.entries()) {
      if (at < last) stream.write(part);
      else {
        stream.write(part, () => {
          stream.off('close', resolve);
          resolve();
        });
      }
    }
    stream.uncork();
  });
}

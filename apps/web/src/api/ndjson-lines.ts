import { HanabiError } from '@hanabi/protocol';

/** The lines of an answer that comes as NDJSON, as they come. HANABI-V011 where it breaks off within one. */
export async function* ndjsonLines<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line, void, void> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done && rest) throw new SyntaxError(`the last line has no end: ${rest.length} characters`);
      if (done) return;
      const parts = (rest + value).split('\n');
      rest = parts.pop()!;
      for (const part of parts) if (part) yield JSON.parse(part) as Line;
    }
  } catch (cause) {
    throw new HanabiError('HANABI-V011', undefined, { cause });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

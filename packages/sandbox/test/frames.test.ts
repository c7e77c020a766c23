/** The transcripts in fixtures/wire/, which python/tests/test_wire.py reads too. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelFrame, FetchAnswerFrame, FRAME_BODY_BYTES_MAX, JobFrame, RunnerFrame } from '@hanabi/protocol';
import { array, assert, nat, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBytesFrame, encodeJsonFrame, type Frame, FrameDecoder, FrameError } from '../src/frames.ts';

interface Transcript {
  summary: string;
  written_by: 'host' | 'runner';
  frames: ({ json: unknown } | { bytes_hex: string })[];
  wire_hex: string;
  /** What is said of the bytes after the frames. */
  error?: string;
}

const folder = join(import.meta.dirname, '../../../fixtures/wire');
const transcripts = readdirSync(folder).map((name): [string, Transcript] => [
  name,
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Transcript,
]);

/** Frames up to the end or the error, as the run loop takes them. */
function decode(chunks: Buffer[]): { frames: Frame[]; error: string | undefined } {
  const decoder = new FrameDecoder(FRAME_BODY_BYTES_MAX);
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      for (const frame of decoder.push(chunk)) {
        if (frame.kind === 'json' && !RunnerFrame.safeParse(frame.value).success) throw new FrameError('unknown shape');
        frames.push(frame.kind === 'json' ? frame : { kind: 'bytes', bytes: Buffer.from(frame.bytes) });
      }
    }
  } catch (error) {
    return { frames, error: (error as FrameError).message };
  }
  expect(decoder.atBoundary).toBe(true);
  return { frames, error: undefined };
}

function cutAt(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

function framesOf(transcript: Transcript): Frame[] {
  return transcript.frames.map((frame) =>
    'json' in frame
      ? { kind: 'json', value: frame.json }
      : { kind: 'bytes', bytes: Buffer.from(frame.bytes_hex, 'hex') },
  );
}

const writtenBy = (side: Transcript['written_by']) => transcripts.filter(([, { written_by }]) => written_by === side);

describe('a transcript', () => {
  it.each(writtenBy('runner'))('%s is read the same, however its bytes arrive', (_, transcript) => {
    const bytes = Buffer.from(transcript.wire_hex, 'hex');
    assert(
      property(array(nat(), { maxLength: 40 }), (places) => {
        const decoded = decode(cutAt(bytes, places));
        expect(decoded.frames).toEqual(framesOf(transcript));
        if (transcript.error) expect(decoded.error).toContain(transcript.error);
        else expect(decoded.error).toBeUndefined();
      }),
    );
  });

  it.each(writtenBy('host'))('%s is written to the byte', (_, transcript) => {
    const written = framesOf(transcript).flatMap((frame) => {
      if (frame.kind === 'bytes') return encodeBytesFrame(frame.bytes);
      const answer = FetchAnswerFrame.safeParse(frame.value).data ?? CancelFrame.safeParse(frame.value).data;
      return [encodeJsonFrame(answer ?? JobFrame.parse(frame.value))];
    });
    expect(Buffer.concat(written).toString('hex')).toBe(transcript.wire_hex);
  });
});

it('no bytes make the decoder do anything but decode or refuse', () => {
  assert(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        for (const frame of new FrameDecoder(100).push(Buffer.from(bytes)))
          expect(['json', 'bytes']).toContain(frame.kind);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }),
  );
});

it('bytes that come one by one take hardly more memory than all at once', () => {
  const frame = Buffer.concat(encodeBytesFrame(Buffer.alloc(FRAME_BODY_BYTES_MAX)));
  const decoder = new FrameDecoder(FRAME_BODY_BYTES_MAX);
  const before = process.memoryUsage().rss;
  for (let at = 0; at < frame.length - 1; at += 1) {
    // As a socket hands it over: a copy of its own.
    const chunk = Buffer.from(new Uint8Array(frame.subarray(at, at + 1)).buffer);
    if (!decoder.push(chunk).next().done) throw new Error('a frame before its end');
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * FRAME_BODY_BYTES_MAX);
  expect([...decoder.push(frame.subarray(-1))]).toEqual([{ kind: 'bytes', bytes: Buffer.alloc(FRAME_BODY_BYTES_MAX) }]);
});

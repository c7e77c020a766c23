import type { Readable } from 'node:stream';
import { FRAME_BODY_BYTES_MAX } from '@hanabi/protocol';
import { type Frame, FrameDecoder, FrameError } from './frames.ts';

/** Whoever stops reading leaves the channel open: a worker that is about to be killed need not learn of it before. */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame, void, void> {
  const decoder = new FrameDecoder(FRAME_BODY_BYTES_MAX);
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield* decoder.push(chunk as Buffer);
  } catch (error) {
    if (error instanceof FrameError) throw error;
    return; // the channel broke, which is one way of ending
  }
  if (!decoder.atBoundary) throw new FrameError('the channel ended inside a frame');
}

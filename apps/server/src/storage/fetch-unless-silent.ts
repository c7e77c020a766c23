/**
 * `fetch` for a store that may stop in the middle of a sentence: a connection that stands still is given up after a
 * while, however long the whole may take. Only the store's own silence counts: whoever reads slowly may.
 */
class SilentStore extends Error {
  constructor(silence_ms: number) {
    super(`the store neither took nor gave a byte for ${silence_ms / 1000} s`);
  }
}

export async function fetchUnlessSilent(
  input: string | URL | Request,
  init: RequestInit | undefined,
  silence_ms: number,
): Promise<Response> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(new SilentStore(silence_ms));
  const timer = setTimeout(giveUp, silence_ms);
  try {
    const sent = init?.body;
    const body = sent instanceof ReadableStream ? sent.pipeThrough(heard(() => timer.refresh())) : sent;
    // A body that is a stream must be announced as such.
    const announced = { ...init, body: body ?? null, duplex: 'half', signal: stop.signal } as RequestInit;
    const response = await fetch(input, announced);
    return response.body ? new Response(unlessSilent(response.body, giveUp, silence_ms), response) : response;
  } finally {
    clearTimeout(timer);
  }
}

/** Tells when the store has taken what came before: nothing is asked of the stream any earlier. */
function heard(tell: () => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      tell();
      controller.enqueue(chunk);
    },
  });
}

function unlessSilent(
  body: ReadableStream<Uint8Array>,
  giveUp: () => void,
  silence_ms: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const timer = setTimeout(giveUp, silence_ms);
    try {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    } finally {
      clearTimeout(timer);
    }
  };
  return new ReadableStream({ pull, cancel: (reason) => reader.cancel(reason) }, { highWaterMark: 0 });
}

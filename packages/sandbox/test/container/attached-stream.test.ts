/** What an attached container sends, cut at every place where a connection may cut it. */
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttachedStream } from '../../src/container/attached-stream.ts';

const MARK = '\u001emark\u001em';

/** As the engine packs it. */
function piece(content: Buffer | string): Buffer {
  const body = Buffer.from(content as string);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

describe('the stream of an attached container', () => {
  const path = join(tmpdir(), `hanabi-attached-${process.pid}.sock`);
  const accepted: ((socket: Socket) => void)[] = [];
  const server = createServer((socket) => accepted.shift()!(socket));
  beforeAll(() => once(server.listen(path), 'listening'));
  afterAll(() => server.close());

  /** Two ends of a connection. */
  async function pair(): Promise<[Socket, Socket]> {
    const engine = new Promise<Socket>((resolve) => accepted.push(resolve));
    const host = connect(path);
    await once(host, 'connect');
    return [await engine, host];
  }

  async function received(chunks: Buffer[]): Promise<{ text: string; status: number | undefined }> {
    const [engine, host] = await pair();
    const stream = new AttachedStream(host, Buffer.from(MARK));
    const all = buffer(stream);
    for (const chunk of chunks) await new Promise((resolve) => engine.write(chunk, resolve));
    engine.end();
    const result = { text: (await all).toString(), status: await stream.noted };
    host.destroy();
    return result;
  }

  it('is what it was before it was packed, up to the note, wherever it is cut', async () => {
    const sent = Buffer.concat([piece('one\u001emar'), piece(''), piece('k two'), piece(MARK), piece('137more')]);
    for (let at = 1; at < sent.length; at += 1) {
      const { text, status } = await received([sent.subarray(0, at), sent.subarray(at)]);
      expect(text).toBe('one\u001emark two');
      expect(status).toBe(137);
    }
  });

  it('ends without a status when nobody wrote the note', async () => {
    expect(await received([piece('all there is')])).toEqual({ text: 'all there is', status: undefined });
    expect(await received([piece('cut\u001em')])).toEqual({ text: 'cut', status: undefined });
  });

  it('makes the engine wait for a reader', async () => {
    const [engine, host] = await pair();
    const stream = new AttachedStream(host, Buffer.from(MARK));
    const flood = piece(Buffer.alloc(8 * 1024 * 1024));
    let isDrained = false;
    engine.write(flood, () => {
      isDrained = true;
      engine.end(piece(`${MARK}000`));
    });
    await once(stream, 'readable');
    expect(isDrained).toBe(false);
    expect((await buffer(stream)).length).toBe(8 * 1024 * 1024);
    expect(await stream.noted).toBe(0);
    host.destroy();
  });
});

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendCompressed } from '../src/http/send-compressed.ts';

const answer = { modules: [{ name: 'é', icon: 'data:image/png;base64,'.repeat(500) }] };
const app = Fastify();
let url: string;

beforeAll(async () => {
  app.get('/', (request, reply) => sendCompressed(request, reply, answer));
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

/** `fetch` would unpack it, and names codings of its own. */
async function ask(headers: Record<string, string>): Promise<{ response: IncomingMessage; body: Buffer }> {
  const [response] = (await once(get(url, { headers }), 'response')) as [IncomingMessage];
  return { response, body: await buffer(response) };
}

it('sends a tenth to a browser', async () => {
  const { response, body } = await ask({ 'accept-encoding': 'gzip, deflate, br, zstd' });
  expect(response.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    vary: 'accept-encoding',
  });
  expect(body.length).toBeLessThan(JSON.stringify(answer).length / 10);
  expect(JSON.parse(gunzipSync(body).toString())).toEqual(answer);
});

it.each(['', 'br', 'gzip;q=0'])('sends plain text to whoever takes "%s"', async (coding) => {
  const { response, body } = await ask({ 'accept-encoding': coding });
  expect(response.headers['content-encoding']).toBeUndefined();
  expect(JSON.parse(body.toString())).toEqual(answer);
});

/** What the broker does with requests, tried with real servers on loopback that the operator's exception opens. */
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { MIB } from '@hanabi/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { dnsLookUp } from '../../src/egress/resolve.ts';
import { makeCertificate } from './certificates.ts';
import { closeServers, httpServer, nameServer, rawServer } from './servers.ts';
import { policyOf, workerSide } from './worker-side.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanabi-egress-'));
afterAll(async () => {
  await closeServers();
  rmSync(folder, { recursive: true });
});

describe('a request', () => {
  it('arrives with its method, path, headers and body, and its answer comes back', async () => {
    const server = await httpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(207, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
        response.end(JSON.stringify({ headers: request.headers, body: Buffer.concat(chunks).toString() }));
      });
    });
    const side = workerSide(policyOf({ opened: [server.origin] }));
    const url = `${server.origin}/a/b?key=secret&x=%20#fragment`;
    const headers: [string, string][] = [
      ['X-One', '1'],
      ['X-Two', 'a'],
      ['x-two', 'b'],
      ['Cookie', 'mine=1'],
      ['Content-Length', '9999'],
      ['Accept-Encoding', 'zstd'],
    ];
    const got = await side.ask({ url, method: 'POST', headers, body: Buffer.from('hello') });
    expect(got.status).toBe(207);
    expect(got.headers).toMatchObject({ 'x-answer': 'yes', 'set-cookie': 'a=1, b=2' });
    const seen = JSON.parse(got.body!) as { headers: Record<string, string>; body: string };
    expect(seen.body).toBe('hello');
    expect(seen.headers).toEqual({
      'user-agent': 'HanabiMatsuri',
      accept: '*/*',
      'accept-encoding': 'gzip, br',
      'x-one': '1',
      'x-two': 'a, b',
      cookie: 'mine=1',
      host: new URL(server.origin).host,
      'content-length': '5',
      connection: 'close',
    });
    expect(server.asked).toEqual(['POST /a/b?key=secret&x=%20']);
    const size = got.bytes!.length;
    expect(side.records).toEqual([
      {
        method: 'POST',
        origin: server.origin,
        path: '/a/b',
        status: 207,
        code: null,
        sent_bytes: 5,
        received_bytes: size,
        requests: 1,
        wall_ms: expect.any(Number),
      },
    ]);
  });

  it('keeps no cookies, and uses a connection again within its job', async () => {
    const cookies: (string | undefined)[] = [];
    const server = await httpServer((request, response) => {
      cookies.push(request.headers.cookie);
      response.setHeader('set-cookie', 'session=1').end('x');
    });
    const side = workerSide(policyOf({ opened: [server.origin] }));
    for (let time = 0; time < 3; time += 1) expect((await side.ask(server.origin)).body).toBe('x');
    expect(cookies).toEqual([undefined, undefined, undefined]);
    expect(server.connections).toBe(1);
    side.egress.close();
  });

  it('is made again when a connection that was kept turns out to be dead', async () => {
    const server = await httpServer((request, response) => {
      response.end('x');
      if (server.asked.length === 1) request.socket.unref();
    });
    const side = workerSide(policyOf({ opened: [server.origin] }));
    expect((await side.ask(server.origin)).status).toBe(200);
    const port = server.port;
    await server.close();
    const second = await httpServer((_, response) => void response.end('second'), { port });
    expect((await side.ask(server.origin)).body).toBe('second');
    await second.close();
    side.egress.close();
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('may be a %s', async (method) => {
    const server = await httpServer((request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(`${request.method}`));
    });
    const got = await workerSide(policyOf({ opened: [server.origin] })).ask({ url: server.origin, method });
    expect(got).toMatchObject({ status: 200, body: method === 'HEAD' ? '' : method });
  });

  it.each([
    { method: 'CONNECT' },
    { method: 'TRACE' },
    { method: 'get' },
    { method: 'GET / HTTP/1.1\r\nX: y' },
    { method: '' },
    { headers: [['Host', 'other.example']] as [string, string][] },
    { headers: [['Connection', 'upgrade']] as [string, string][] },
    { headers: [['Transfer-Encoding', 'chunked']] as [string, string][] },
    { headers: [['Proxy-Authorization', 'x']] as [string, string][] },
    { headers: [['TE', 'trailers']] as [string, string][] },
    { headers: [['Upgrade', 'h2c']] as [string, string][] },
    { headers: [['Expect', '100-continue']] as [string, string][] },
    { headers: [['X-Forwarded-For', '127.0.0.1']] as [string, string][] },
    { headers: [['X-A', 'b\r\nX-C: d']] as [string, string][] },
    { headers: [['X-A', 'b\0']] as [string, string][] },
    { headers: [['X-A', '祭']] as [string, string][] },
    { headers: [['X-A\r\nX-B', 'c']] as [string, string][] },
    { headers: [['', 'c']] as [string, string][] },
    { headers: [['X A', 'c']] as [string, string][] },
    { url: 'ftp://127.0.0.1/' },
    { url: 'file:///etc/passwd' },
    { url: '//127.0.0.1/' },
    { url: '/path' },
    { url: '' },
    { url: 'http://user:secret@127.0.0.1/' },
    { url: `http://127.0.0.1/${'a'.repeat(9000)}` },
  ])('is refused as malformed: %j', async (wish) => {
    const server = await httpServer((_, response) => void response.end());
    const side = workerSide(policyOf({ opened: [server.origin] }));
    expect((await side.ask({ url: server.origin, ...wish })).code).toBe('HANABI-N009');
    expect(server.asked).toEqual([]);
    expect(JSON.stringify(side.records)).not.toContain('secret');
    expect(side.records).toMatchObject([{ code: 'HANABI-N009', status: null, requests: 0 }]);
  });

  it('is refused when it is too large', async () => {
    const server = await httpServer((_, response) => void response.end('fine'));
    const side = workerSide(policyOf({ opened: [server.origin] }));
    const url = server.origin;
    const many = Array.from({ length: 101 }, (_, at): [string, string] => [`x-${at}`, 'v']);
    expect((await side.ask({ url, headers: many })).code).toBe('HANABI-N005');
    expect((await side.ask({ url, headers: [['x', 'v'.repeat(40_000)]] })).code).toBe('HANABI-N005');
    expect((await side.ask({ url, method: 'POST', body: Buffer.alloc(4 * MIB + 1) })).code).toBe('HANABI-N005');
    expect(server.asked).toEqual([]);
    expect((await side.ask({ url, method: 'POST', body: Buffer.alloc(4 * MIB) })).body).toBe('fine');
  });
});

describe('an origin', () => {
  it('is reached only when it is listed, with its scheme and port', async () => {
    const listed = await httpServer((_, response) => void response.end('listed'));
    const other = await httpServer((_, response) => void response.end('other'));
    const side = workerSide(policyOf({ opened: [listed.origin], private_origins: [listed.origin, other.origin] }));
    for (const url of [
      other.origin,
      listed.origin.replace('http:', 'https:'),
      'http://127.0.0.1/',
      `${listed.origin}0`,
    ]) {
      expect((await side.ask(`${url}/`)).code, url).toMatch(/HANABI-N00[29]/);
    }
    // The same origin, differently spelled.
    expect((await side.ask(`HTTP://0x7f.1:0${listed.port}/`)).body).toBe('listed');
    expect(other.asked).toEqual([]);
  });

  it('is refused when nothing was approved, in the words of the guide', async () => {
    const side = workerSide(undefined);
    const got = await side.ask('http://example.com/path?key=secret');
    expect(got.code).toBe('HANABI-N001');
    expect(got.message).toMatch(/network is not approved/i);
    expect((await side.ask('file:///etc/passwd')).code).toBe('HANABI-N001');
    // The audit says what was tried, without the query.
    expect(side.records).toMatchObject([
      { code: 'HANABI-N001', origin: 'http://example.com', path: '/path' },
      { code: 'HANABI-N001', origin: '', path: '' },
    ]);
  });

  it.each([
    ['http://good.example/', true],
    ['https://a.b.good.example/', true],
    ['https://good.example.:8443/', true],
    ['http://notgood.example/', false],
    ['http://good.example.evil.example/', false],
    ['http://bad.good.example/', false],
    ['http://x.bad.good.example./', false],
    ['http://other.example/', false],
    ['http://93.184.216.34/', false],
    ['http://good.example:25/', false],
    ['http://good.example:6667/', false],
    ['http://good.example:22/', false],
  ])('%s is let through by the lists of the operator: %j', async (url, through) => {
    const lists = { allow_domains: ['good.example'], deny_domains: ['bad.good.example'] };
    const side = workerSide(policyOf({ origins: 'public', ...lists }), { lookUp: async () => ['127.0.0.1'] });
    const got = await side.ask(url);
    // The name leads to a private address, which is the next thing that is looked at.
    expect(got.code).toBe(through ? 'HANABI-N003' : 'HANABI-N002');
  });

  it('that is denied is not reached either when a manifest lists it', async () => {
    const policy = policyOf({ origins: ['https://api.bad.example'], deny_domains: ['bad.example'] });
    expect((await workerSide(policy).ask('https://api.bad.example/')).code).toBe('HANABI-N002');
  });

  it('may be any public one without lists, but has a name', async () => {
    const side = workerSide(policyOf({ origins: 'public' }), { lookUp: async () => ['10.0.0.1'] });
    expect((await side.ask('https://any.example/')).code).toBe('HANABI-N003');
    expect((await side.ask('https://93.184.216.34/')).code).toBe('HANABI-N002');
    expect((await side.ask('https://[2606:4700:4700::1111]/')).code).toBe('HANABI-N002');
  });
});

describe('a name', () => {
  it('is resolved once, and only what was looked at is connected to', async () => {
    const first = await httpServer((_, response) => void response.end('first'), { host: '127.0.0.2' });
    const second = await httpServer((_, response) => void response.end('second'), {
      host: '127.0.0.3',
      port: first.port,
    });
    const names = await nameServer((_, times) => (times === 1 ? ['127.0.0.2'] : ['127.0.0.3']));
    const origin = `http://rebinds.example:${first.port}`;
    const side = workerSide(policyOf({ opened: [origin] }), { lookUp: dnsLookUp([names.address]) });
    // POST, so that no connection is kept: what is used again would prove nothing.
    expect((await side.ask({ url: `${origin}/one`, method: 'POST' })).body).toBe('first');
    expect(names.asked.toSorted()).toEqual(['A rebinds.example', 'AAAA rebinds.example']);
    expect(second.asked).toEqual([]);
    expect((await side.ask({ url: `${origin}/two`, method: 'POST' })).body).toBe('second');
    names.close();
  });

  it('that turns private between two requests is refused at the second', async () => {
    const server = await httpServer((_, response) => void response.end('inside'));
    const names = await nameServer((_, times) => (times === 1 ? [] : ['127.0.0.1']));
    const origin = `http://turns.example:${server.port}`;
    const side = workerSide(policyOf({ origins: [origin] }), { lookUp: dnsLookUp([names.address]) });
    expect((await side.ask(origin)).code).toBe('HANABI-N010');
    expect((await side.ask(origin)).code).toBe('HANABI-N003');
    expect(server.asked).toEqual([]);
    names.close();
  });

  it('whose server is silent ends at the time limit, and holds up nobody', async () => {
    const server = await httpServer((_, response) => void response.end('quick'));
    const names = await nameServer(() => 'silence');
    const opened = ['http://silent.example', server.origin];
    const limits = { fetch_timeout_ms: 300 };
    const side = workerSide(policyOf({ opened }), { limits, lookUp: dnsLookUp([names.address]) });
    const silent = side.ask('http://silent.example/');
    expect((await side.ask(server.origin)).body).toBe('quick');
    expect((await silent).code).toBe('HANABI-N007');
    names.close();
  });

  it('of which one address does not answer is reached at another', async () => {
    const server = await httpServer((_, response) => void response.end('here'), { host: '127.0.0.2' });
    const origin = `http://two.example:${server.port}`;
    const side = workerSide(policyOf({ opened: [origin] }), { lookUp: async () => ['127.0.0.4', '127.0.0.2'] });
    expect((await side.ask(origin)).body).toBe('here');
  });
});

describe('a redirect', () => {
  it('to another origin comes back as it is', async () => {
    const other = await httpServer((_, response) => void response.end('other'));
    const server = await httpServer(
      (_, response) => void response.writeHead(302, { location: other.origin }).end('moved'),
    );
    const side = workerSide(policyOf({ opened: [server.origin, other.origin] }));
    const got = await side.ask(server.origin);
    expect(got).toMatchObject({ status: 302, body: 'moved', headers: { location: other.origin } });
    expect(other.asked).toEqual([]);
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
    [302, 'GET', 'GET'],
    [303, 'HEAD', 'HEAD'],
  ])('%i within the origin is followed: %s becomes %s', async (status, method, becomes) => {
    const bodies: string[] = [];
    const server = await httpServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push([body, request.headers['content-type'], request.headers['x-kept']].join('|'));
        if (request.url === '/from') response.writeHead(status, { location: 'to?x#y' }).end('ignored');
        else response.end('arrived');
      });
    });
    const side = workerSide(policyOf({ opened: [server.origin] }));
    const body = method === 'GET' || method === 'HEAD' ? undefined : Buffer.from('data');
    const headers: [string, string][] = [
      ['content-type', 'text/plain'],
      ['x-kept', 'yes'],
    ];
    const got = await side.ask({ url: `${server.origin}/from`, method, headers, ...(body && { body }) });
    expect(got).toMatchObject({ status: 200, body: method === 'HEAD' ? '' : 'arrived' });
    expect(server.asked).toEqual([`${method} /from`, `${becomes} /to?x`]);
    const kept = becomes === method;
    expect(bodies[1]).toBe(`${kept && body ? 'data' : ''}|${kept ? 'text/plain' : ''}|yes`);
    expect(side.records).toMatchObject([{ path: '/from', status: 200, requests: 2 }]);
  });

  it('without end is given up', async () => {
    const server = await httpServer((request, response) => {
      response.writeHead(302, { location: `${request.url}x` }).end();
    });
    const side = workerSide(policyOf({ opened: [server.origin] }));
    expect((await side.ask(`${server.origin}/`)).code).toBe('HANABI-N004');
    expect(server.asked).toHaveLength(6);
  });

  it.each(['http://', 'https://[::', 'javascript:alert(1)', 'file:///etc/passwd'])(
    'to %j goes nowhere',
    async (location) => {
      const server = await httpServer((_, response) => void response.writeHead(302, { location }).end());
      expect(await workerSide(policyOf({ opened: [server.origin] })).ask(server.origin)).toMatchObject({ status: 302 });
      expect(server.asked).toHaveLength(1);
    },
  );
});

describe('an answer', () => {
  const limits = { fetch_response_bytes_max: MIB };

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['X-GZIP', gzipSync],
  ])('in %s is decompressed', async (coding, compress) => {
    const text = 'fireworks '.repeat(10_000);
    const server = await httpServer(
      (_, response) => void response.setHeader('content-encoding', coding).end(compress(text)),
    );
    const side = workerSide(policyOf({ opened: [server.origin] }), { limits });
    const got = await side.ask(server.origin);
    expect(got.body).toBe(text);
    expect(got.headers).not.toHaveProperty('content-encoding');
    expect(got.headers).not.toHaveProperty('content-length');
    expect(side.records[0]!.received_bytes).toBe(compress(text).length);
  });

  it('in a coding that nobody asked for is left as it came', async () => {
    const server = await httpServer(
      (_, response) => void response.setHeader('content-encoding', 'gzip, br').end('abc'),
    );
    const got = await workerSide(policyOf({ opened: [server.origin] })).ask(server.origin);
    expect(got).toMatchObject({ body: 'abc', headers: { 'content-encoding': 'gzip, br' } });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('that is a bomb in %s is stopped at the limit, and costs no memory', async (coding, compress) => {
    const bomb = compress(Buffer.alloc(64 * MIB));
    const server = await httpServer((_, response) => void response.setHeader('content-encoding', coding).end(bomb));
    const side = workerSide(policyOf({ opened: [server.origin] }), { limits });
    const before = process.memoryUsage().rss;
    expect((await side.ask(server.origin)).code).toBe('HANABI-N005');
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * MIB);
  });

  it.each(['announced', 'chunked'])('that is too large is refused (%s)', async (how) => {
    const server = await httpServer((_, response) => {
      if (how === 'announced') response.setHeader('content-length', 2 * MIB);
      response.end(Buffer.alloc(2 * MIB));
    });
    const side = workerSide(policyOf({ opened: [server.origin] }), { limits });
    expect((await side.ask(server.origin)).code).toBe('HANABI-N005');
    const most = how === 'announced' ? 0 : MIB + 64 * 1024;
    expect(side.records[0]!.received_bytes).toBeLessThanOrEqual(most);
  });

  it.each([
    ['many headers', 'x: y\r\n'.repeat(200), 'HANABI-N005'],
    ['huge headers', `x: ${'y'.repeat(40_000)}\r\n`, 'HANABI-N005'],
    ['a header that is none', 'no colon here\r\n', 'HANABI-N010'],
    ['two lengths', 'content-length: 1\r\ncontent-length: 2\r\n', 'HANABI-N010'],
  ])('with %s is refused', async (_, headers, code) => {
    const server = await rawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\nbody`));
    expect((await workerSide(policyOf({ opened: [server.origin] })).ask(server.origin)).code).toBe(code);
  });

  it.each([
    ['no HTTP', (text: string) => text],
    ['half a body', () => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    [
      'half a gzip',
      () => `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${gzipSync('abc').toString('latin1').slice(0, 12)}`,
    ],
    ['a gzip that is none', () => 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip at all'],
    ['an upgrade', () => 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('that is %s is an error', async (_, text) => {
    const server = await rawServer((socket) => socket.end(Buffer.from(text('SSH-2.0-OpenSSH_9\r\n'), 'latin1')));
    expect((await workerSide(policyOf({ opened: [server.origin] })).ask(server.origin)).code).toBe('HANABI-N010');
  });

  it('that drips ends at the time limit, and holds up nobody', async () => {
    const slow = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
      const drip = setInterval(() => socket.write('.'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const loris = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-Never-Ends: ');
      const drip = setInterval(() => socket.write('.'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const mute = await rawServer(() => {});
    const quick = await httpServer((_, response) => void response.end('quick'));
    const opened = [slow, loris, mute, quick].map(({ origin }) => origin);
    const side = workerSide(policyOf({ opened }), { limits: { fetch_timeout_ms: 400 } });
    const slowOnes = [slow, loris, mute].map(({ origin }) => side.ask(origin));
    await Promise.race([
      Promise.all(slowOnes).then(() => expect.unreachable('the quick one was held up')),
      side.ask(quick.origin).then((got) => expect(got.body).toBe('quick')),
    ]);
    for (const got of await Promise.all(slowOnes)) expect(got.code).toBe('HANABI-N007');
  });

  it('may call a header __proto__', async () => {
    const server = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\n\r\n'));
    const got = await workerSide(policyOf({ opened: [server.origin] })).ask(server.origin);
    expect(Object.entries(got.headers!)).toEqual([['constructor', 'y']]);
  });
});

describe('TLS', () => {
  it('needs a certificate that someone vouches for, whatever the environment says', async () => {
    const tls = makeCertificate(folder, 'DNS:localhost,IP:127.0.0.1');
    const server = await httpServer((_, response) => void response.end('secret'), { tls });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const got = await workerSide(policyOf({ opened: [server.origin] })).ask(server.origin);
      expect(got.code).toBe('HANABI-N010');
      expect(got.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
      expect(server.asked).toEqual([]);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

describe('a job', () => {
  it('has a number of requests, of which the first too many is on record', async () => {
    const server = await httpServer((_, response) => void response.end('x'));
    const side = workerSide(policyOf({ opened: [server.origin] }), { limits: { fetch_requests_per_job_max: 20 } });
    for (let time = 0; time < 20; time += 1) {
      expect((await side.ask(time % 2 ? server.origin : 'http://refused.example')).code ?? 'fine').not.toBe(
        'HANABI-N006',
      );
    }
    for (let time = 0; time < 20; time += 1) expect((await side.ask(server.origin)).code).toBe('HANABI-N006');
    expect(server.asked).toHaveLength(10);
    expect(side.records).toHaveLength(21);
    expect(side.records.at(-1)!.code).toBe('HANABI-N006');
    side.egress.close();
  });

  it('takes a body in pieces of any size, and keeps nothing but the bytes', async () => {
    const { egress } = workerSide(undefined);
    await egress.begin({ kind: 'fetch', id: 1, method: 'POST', url: 'http://a/', headers: [], size_bytes: MIB });
    const before = process.memoryUsage().rss;
    // As the decoder cuts them: views, each of which keeps the chunk that it came in.
    const chunk = Buffer.alloc(1);
    for (let pieces = 0; pieces < 2 * MIB - 1; pieces += 1) await egress.write(chunk.subarray(0, pieces % 2));
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
    egress.close();
  });

  it('has a budget of bytes, in both directions', async () => {
    const server = await httpServer((_, response) => void response.end(Buffer.alloc(1000)));
    const budget = { bytes_max: 3500, requests_per_s_max: 1000 };
    const side = workerSide(policyOf({ opened: [server.origin], budget }));
    const url = server.origin;
    expect((await side.ask({ url, method: 'POST', body: Buffer.alloc(1000) })).status).toBe(200);
    expect((await side.ask({ url })).status).toBe(200);
    expect((await side.ask({ url, method: 'POST', body: Buffer.alloc(1000) })).code).toBe('HANABI-N008');
    expect(server.asked).toHaveLength(2);
    expect((await side.ask({ url })).code).toBe('HANABI-N008');
    side.egress.close();
  });

  it('has a rate, at which requests wait for their turn', async () => {
    const times: number[] = [];
    const server = await httpServer((_, response) => {
      times.push(performance.now());
      response.end();
    });
    const budget = { bytes_max: MIB, requests_per_s_max: 20 };
    const side = workerSide(policyOf({ opened: [server.origin], budget }));
    const begin = performance.now();
    for (let time = 0; time < 5; time += 1) expect((await side.ask(server.origin)).status).toBe(200);
    // Never early: that is what a rate promises. How late is the machine's.
    for (const [at, time] of times.entries()) expect(time - begin).toBeGreaterThanOrEqual(at * 50 - 1);
    side.egress.close();
  });

  it('has so many requests under way and no more, an answer that nobody reads included', async () => {
    let most = 0;
    let now = 0;
    const server = await httpServer((_, response) => {
      now += 1;
      most = Math.max(most, now);
      setImmediate(() => {
        now -= 1;
        response.end('x');
      });
    });
    const reading = new EventEmitter();
    const taken = once(reading, 'read').then(() => {});
    const side = workerSide(policyOf({ opened: [server.origin] }), { taken: () => taken });
    await Promise.all(Array.from({ length: 4 }, () => side.ask(server.origin)));
    const fifth = side.ask(`${server.origin}/fifth`);
    // Another job's request goes there and back meanwhile.
    const other = workerSide(policyOf({ opened: [server.origin] }));
    for (let time = 0; time < 5; time += 1) await other.ask(`${server.origin}/other`);
    expect(server.asked).not.toContain('GET /fifth');
    reading.emit('read');
    expect((await fifth).status).toBe(200);
    other.egress.close();
    expect(most).toBeLessThanOrEqual(4);
    side.egress.close();
  });

  it('that ends before it has read an answer has it on record once', async () => {
    const server = await httpServer((_, response) => void response.end('x'));
    const side = workerSide(policyOf({ opened: [server.origin] }), { taken: () => new Promise(() => {}) });
    expect((await side.ask(server.origin)).body).toBe('x');
    side.egress.close();
    expect(side.records).toMatchObject([{ status: 200, code: null }]);
  });

  it('that ends takes its requests with it, and leaves them on record', async () => {
    let closed = 0;
    const server = await httpServer((request) => {
      request.socket.on('close', () => {
        closed += 1;
      });
      if (server.asked.length === 2) side.egress.close();
    });
    const side = workerSide(policyOf({ opened: [server.origin] }));
    void side.ask(`${server.origin}/a`);
    void side.ask({ url: `${server.origin}/b`, method: 'POST' });
    await expect.poll(() => closed).toBe(2);
    expect(side.records.map(({ path, code }) => `${path} ${code}`).toSorted()).toEqual([
      '/a HANABI-W016',
      '/b HANABI-W016',
    ]);
  });
});

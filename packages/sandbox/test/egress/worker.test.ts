/** ctx.fetch as a worker in the sandbox sees it. */
import { MIB } from '@hanabi/protocol';
import { afterAll, expect, it } from 'vitest';
import { openBubblewrap } from '../../src/bubblewrap/bubblewrap-sandbox.ts';
import { openCgroups } from '../../src/bubblewrap/cgroups.ts';
import type { Sandbox } from '../../src/index.ts';
import { describeContainers, openContainers } from '../container/docker.ts';
import { describeSandboxed, jobOf, openInProcess, QUICK_LIMITS, runJob, withSandbox } from '../test-sandbox.ts';
import { closeServers, httpServer, type TestServer } from './servers.ts';
import { policyOf } from './worker-side.ts';

const workers = { module_dir: new URL('..', import.meta.url).pathname };
const jobWith = (worker: string, options: Record<string, unknown>, ...servers: TestServer[]) =>
  jobOf(worker, { ...workers, options, network: policyOf({ opened: servers.map(({ origin }) => origin) }) });

function openPlain(work_dir: string): Promise<Sandbox> {
  return openBubblewrap({ work_dir, jobs_max: 4, cgroups: openCgroups(), fork_server: false });
}

const FORMS = [
  ['from the fork server', describeSandboxed, openInProcess],
  ['in plain bubblewrap', describeSandboxed, openPlain],
  ['in a container', describeContainers, (work_dir: string) => openContainers(work_dir)],
] as const;

afterAll(closeServers);

for (const [where, describeWhere, open] of FORMS) {
  describeWhere(`ctx.fetch ${where}`, () => fetches(open));
  describeWhere(`a worker ${where} that forges`, () => forges(open));
}

function fetches(open: (work_dir: string) => Promise<Sandbox>): void {
  const test = withSandbox(open);

  it('gives status, headers and body', async () => {
    const server = await httpServer((request, response) => {
      request.pipe(response.writeHead(418, { 'X-Method': request.method!, 'X-A': request.headers['x-a'] ?? '' }));
    });
    const more = { method: 'put', headers: { 'X-A': 'ü' }, body: '祭' };
    const { files, events } = await runJob(
      test.sandbox,
      jobWith('fetches', { url: `${server.origin}/x?key=1`, more }, server),
    );
    expect(files['body']!.toString()).toBe('祭');
    expect(JSON.parse(files['head.json']!.toString())).toMatchObject({
      status: 418,
      headers: { 'x-method': 'PUT', 'x-a': 'ü' },
      type: 'bytes',
    });
    expect(events).toContainEqual({
      kind: 'fetched',
      method: 'PUT',
      origin: server.origin,
      path: '/x',
      status: 418,
      code: null,
      sent_bytes: 3,
      received_bytes: 3,
      requests: 1,
      wall_ms: expect.any(Number),
    });
  });

  it('moves large bodies both ways', async () => {
    let received = 0;
    const answer = Buffer.alloc(16 * MIB, 'y');
    const server = await httpServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      request.on('end', () => response.end(answer));
    });
    const options = { url: server.origin, more: { method: 'POST' }, body_bytes: 4 * MIB };
    const { files } = await runJob(test.sandbox, jobWith('fetches', options, server));
    expect(received).toBe(4 * MIB);
    expect(files['body']!.equals(answer)).toBe(true);
    const large = await runJob(test.sandbox, jobWith('fetches', { ...options, body_bytes: 4 * MIB + 1 }, server));
    expect(large.error?.message).toContain('HANABI-N005');
    expect(server.asked).toHaveLength(1);
  });

  it('says which refusal it is, as an exception that can be caught', async () => {
    const other = await httpServer((_, response) => void response.end());
    const urls = [`${other.origin}/`, 'http://169.254.169.254/latest', 'gopher://x', 'http://0x7f.1/'];
    const spec = jobWith('catches_a_refusal', { urls });
    spec.network = policyOf({ origins: ['http://169.254.169.254', 'http://127.0.0.1'] });
    const { files, events } = await runJob(test.sandbox, spec);
    const refusals = JSON.parse(files['refusals.json']!.toString()) as [string, string, string][];
    expect(refusals.map(([code]) => code)).toEqual(['HANABI-N002', 'HANABI-N003', 'HANABI-N009', 'HANABI-N003']);
    for (const [code, text, type] of refusals) {
      expect(text).toMatch(new RegExp(`\\(${code}\\)$`));
      expect(type).toBe('FetchError');
    }
    expect(events.filter(({ kind }) => kind === 'fetched')).toHaveLength(4);
    expect(other.asked).toEqual([]);
  });

  it('raises a clean error where the network is not approved', async () => {
    const spec = jobOf('fetches', { ...workers, options: { url: 'http://example.com/' } });
    const { error, events } = await runJob(test.sandbox, spec);
    expect(error?.code).toBe('HANABI-W008');
    expect(error?.message).toMatch(/FetchError: The network is not approved for this module \(HANABI-N001\)$/);
    expect(error?.log).toMatch(
      /^Traceback \(most recent call last\):\n {2}File "workers\/fetches.py", line 8, in run\n {4}answer = ctx.fetch\([^\n]+\n[ ^]*\n?hanabi.FetchError: The network is not approved/,
    );
    const asked = { code: 'HANABI-N001', origin: 'http://example.com', path: '/' };
    expect(events).toContainEqual(expect.objectContaining({ kind: 'fetched', ...asked }));
  });

  it('may be called by many threads at once, while progress and output go on', async () => {
    const server = await httpServer((request, response) => {
      request.pipe(response.writeHead(200, { 'x-number': request.headers['x-number']! }));
    });
    const { files, events, error } = await runJob(
      test.sandbox,
      jobWith('fetches_from_threads', { url: server.origin }, server),
    );
    expect(error).toBeUndefined();
    expect(files['right.txt']!.toString()).toBe('200');
    expect(events.filter(({ kind }) => kind === 'fetched')).toHaveLength(200);
    expect(events.filter(({ kind }) => kind === 'output')).toHaveLength(200);
  });

  it('belongs to the process of the worker', async () => {
    const server = await httpServer((_, response) => void response.end('answer'));
    const { files } = await runJob(test.sandbox, jobWith('fetches_in_a_child', { url: server.origin }, server));
    expect(files['child.txt']!.toString()).toMatch(/^RuntimeError: .*forked/);
    expect(files['again']!.toString()).toBe('answer');
    expect(server.asked).toHaveLength(2);
  });

  it('ends ten thousand requests at the limit', async () => {
    const server = await httpServer((_, response) => void response.end());
    const limits = { ...QUICK_LIMITS, cpu_ms_max: 10_000, wall_ms_max: 30_000 };
    const spec = { ...jobWith('fetches_without_end', { url: server.origin }, server), limits };
    const { files, events } = await runJob(test.sandbox, spec);
    expect(files['seen.txt']!.toString()).toBe('200 1000\nHANABI-N006 9000');
    expect(server.asked).toHaveLength(1000);
    expect(events.filter(({ kind }) => kind === 'fetched')).toHaveLength(1001);
  });

  it('tells an author what is wrong with an argument', async () => {
    const { files } = await runJob(test.sandbox, jobWith('fetches_with_wrong_types', {}));
    expect(files['seen.txt']!.toString().split('\n')).toEqual([
      'the url of ctx.fetch is a bytes, not str',
      'the method of ctx.fetch is None, not str',
      'the headers of ctx.fetch hold an int, not str',
      'the headers of ctx.fetch hold a str, not a name and a value',
      'the body of ctx.fetch is a dict, not bytes or str',
    ]);
  });

  it('goes on after the worker gave up on an answer', async () => {
    const slow = await httpServer(() => {});
    const quick = await httpServer((_, response) => void response.end('the quick one'));
    const options = { slow: slow.origin, quick: quick.origin };
    const { files } = await runJob(test.sandbox, jobWith('gives_up_on_a_fetch', options, slow, quick));
    expect(files['out.txt']!.toString()).toBe('my own patience, then the quick one');
  });

  it('under way when the job ends is ended with it, and on record', async () => {
    let closed = false;
    const slow = await httpServer((request) => {
      request.socket.on('close', () => {
        closed = true;
      });
    });
    const quick = await httpServer((_, response) => {
      const timer = setInterval(() => {
        if (slow.asked.length === 0) return;
        clearInterval(timer);
        response.end();
      }, 5);
    });
    const options = { slow: slow.origin, quick: quick.origin };
    const { files, events } = await runJob(test.sandbox, jobWith('returns_while_fetching', options, slow, quick));
    expect(files['out.txt']!.toString()).toBe('done');
    expect(events).toContainEqual(expect.objectContaining({ origin: slow.origin, code: 'HANABI-W016', status: null }));
    await expect.poll(() => closed).toBe(true);
  });

  it('ends at once when the job is cancelled', async () => {
    const cancel = new AbortController();
    const slow = await httpServer(() => cancel.abort());
    const { error, events } = await runJob(test.sandbox, jobWith('fetches', { url: slow.origin }, slow), cancel.signal);
    expect(error?.code).toBe('HANABI-W016');
    expect(events).toContainEqual(expect.objectContaining({ origin: slow.origin, code: 'HANABI-W016' }));
  });

  it('is the fourth argument of run_streaming', async () => {
    const server = await httpServer((_, response) => void response.end('a page'));
    const { files, error } = await runJob(test.sandbox, jobWith('streams_and_fetches', { url: server.origin }, server));
    expect(error).toBeUndefined();
    expect(files['page.txt']!.toString()).toBe('a page');
  });
}

function forges(open: (work_dir: string) => Promise<Sandbox>): void {
  const test = withSandbox(open);

  it.each([
    'too many bytes',
    'a frame inside a body',
    'a size that is none',
    'a size with a fraction',
    'headers that are none',
    'an answer',
    'headers without end',
    'an extra field',
  ])('%s is ended', async (how) => {
    const { error } = await runJob(test.sandbox, jobWith('forges_fetch_frames', { how }));
    expect(error?.code).toBe('HANABI-W014');
  });

  it('requests whose answers it never reads is not listened to, and costs no memory', async () => {
    const server = await httpServer((_, response) => void response.end(Buffer.alloc(MIB)));
    const before = process.memoryUsage().rss;
    const limits = { ...QUICK_LIMITS, wall_ms_max: 1500 };
    const options = { how: 'more than anyone reads', url: server.origin };
    const spec = { ...jobWith('forges_fetch_frames', options, server), limits };
    const { error } = await runJob(test.sandbox, spec);
    expect(error?.code).toBe('HANABI-W004');
    expect(server.asked.length).toBeLessThanOrEqual(8);
    expect(process.memoryUsage().rss - before).toBeLessThan(96 * MIB);
  });
}

/** Programs that live long, in real sandboxes: loaded, called, asking on the way, and ended. */
import { join } from 'node:path';
import { WORKER_TIERS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { connectSandbox, type Sandbox, serveSandbox, type ServiceSession, type ServiceSpec } from '../src/index.ts';
import { describeBackends } from './backends.ts';
import { ServiceHost } from './service-host.ts';
import { describeSandboxed, processesOf, withSandbox } from './test-sandbox.ts';

let services = 0;

function serviceOf(program: string, changes: Partial<ServiceSpec> = {}): ServiceSpec {
  services += 1;
  const limits = { ...WORKER_TIERS.small, memory_bytes_max: 64 * 1024 * 1024, cpu_ms_max: 3_600_000 };
  const id = `service-${process.pid}-${services}`;
  return { id, module_dir: import.meta.dirname, entry: `services/${program}.py`, limits, ...changes };
}

const never = new AbortController().signal;

async function opened(sandbox: Sandbox, program: string): Promise<[ServiceHost, ServiceSession]> {
  const session = await sandbox.openService(serviceOf(program), never);
  return [new ServiceHost(session), session];
}

describeBackends('a service', ({ open }) => {
  const test = withSandbox(open);

  it('keeps its state with the host, logs what it prints, and goes on after an error', async () => {
    const [host, session] = await opened(test.sandbox, 'counts');
    expect(await host.next()).toEqual({ kind: 'loaded', functions: ['setup', 'tick', 'on_error'] });
    expect(await host.call('setup')).toMatchObject({ kind: 'returned', id: 1 });
    expect(await host.call('tick')).toMatchObject({ kind: 'returned', id: 2 });
    const raised = await host.call('tick');
    expect(raised).toMatchObject({ kind: 'raised', id: 3, message: 'ValueError: the second one' });
    expect(raised).toHaveProperty('traceback', expect.stringContaining('File "services/counts.py", line 11, in tick'));
    expect(await host.call('tick')).toMatchObject({ kind: 'returned', id: 4 });
    expect(host.state.get('count')).toBe(3);
    expect(host.lines).toEqual([
      'info set up',
      'info tick 1',
      'info tick 2',
      'warn ValueError: the second one',
      'info tick 3',
    ]);
    await session.close();
    expect(await host.next()).toBeUndefined();
  });

  it('is not loaded where it says what the policy refuses, and its author learns the line', async () => {
    const [host] = await opened(test.sandbox, 'imports_os');
    await expect(host.next()).rejects.toMatchObject({
      code: 'HANABI-W013',
      message: expect.stringContaining('line 5: Import of os is not allowed in worker sandbox.'),
    });
  });

  it('gets refusals as a dict, and any JSON there and back', async () => {
    const [host, session] = await opened(test.sandbox, 'asks_what_is_refused');
    await host.next();
    expect(await host.call('tick')).toEqual({ kind: 'returned', id: 1, usage: expect.anything() });
    expect(host.lines).toEqual(['info http.request is not approved', 'info a set is no JSON value']);
    expect(host.state.get('deep')).toEqual({ a: [1, 2.5, null, true, 'ä\n𝄞'], b: {} });
    await session.close();
  });

  it('dies at once in the middle of a tick', async () => {
    const [host, session] = await opened(test.sandbox, 'spins');
    await host.next();
    const ended = host.call('tick');
    await session.close();
    expect(await ended).toBeUndefined();
  });

  it('is ended when it takes more memory than it may', async () => {
    const [host] = await opened(test.sandbox, 'hoards');
    await host.next();
    // Where only single allocations are bounded, Python says it before the kernel does.
    const ended = await host.call('tick').catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 'HANABI-W003' });
  });
});

describeSandboxed('a service behind the supervisor’s socket', () => {
  const test = withSandbox();

  it('is the same, and ends with its connection', async () => {
    const socket_path = join(test.folder, 'supervisor.sock');
    const served = await serveSandbox(test.sandbox, socket_path);
    const client = connectSandbox(socket_path);
    const [host, session] = await opened(client, 'counts');
    expect(await host.next()).toMatchObject({ kind: 'loaded' });
    await host.call('setup');
    expect(await host.call('tick')).toMatchObject({ kind: 'returned' });
    await session.close();
    const [other] = await opened(client, 'imports_os');
    await expect(other.next()).rejects.toMatchObject({ code: 'HANABI-W013' });
    const [spinning] = await opened(client, 'spins');
    await spinning.next();
    const lost = spinning.call('tick').catch((error: unknown) => error);
    await client.close();
    expect(await lost).toMatchObject({ code: 'HANABI-W015' });
    await served.close();
    await test.sandbox.close();
    expect(processesOf(test)).toEqual([]);
  });
});

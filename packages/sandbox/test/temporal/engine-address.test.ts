/** How an operator says where the cluster is, and what it takes to be let in. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bridgeFolder, loadBridge } from '../../src/workflows/temporal/bridge.ts';
import { Cluster } from '../../src/workflows/temporal/cluster.ts';
import { engineAddress } from '../../src/workflows/temporal/engine-address.ts';
import { serveGrpc } from './grpc-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanabi-temporal-tls-'));
const file = (name: string) => join(folder, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

// An authority and what it signed: a certificate that signs itself may not be both for Temporal's client.
beforeAll(() => {
  const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test'];
  openssl(...request, '-x509', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem');
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  for (const who of ['server', 'client']) {
    openssl(...request, '-keyout', `${who}.key`, '-out', `${who}.csr`);
    const signed = ['x509', '-req', '-days', '2', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(...signed, '-extfile', 'names', '-in', `${who}.csr`, '-out', `${who}.pem`);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const read = (engine: string, more = {}) => engineAddress({ HANABI_WORKFLOW_ENGINE: engine, ...more });

it('reads an address, and says what is wrong with one', () => {
  expect(engineAddress({})).toBeUndefined();
  expect(read('temporal://here')).toEqual({ target: 'here:7233', namespace: 'default' });
  expect(read('temporal://here:1/my%20office')).toEqual({ target: 'here:1', namespace: 'my office' });
  for (const wrong of ['here:7233', 'https://here', 'temporal://', 'temporal://a/b/c', 'temporal://a?b=c']) {
    expect(() => read(wrong)).toThrow('not like temporal://HOST:PORT/NAMESPACE');
  }
  expect(() => read('temporal://here', { HANABI_TEMPORAL_API_KEY: 'k' })).toThrow('sent in the clear');
  expect(() => read('temporals://here', { HANABI_TEMPORAL_CERT: file('client.pem') })).toThrow('go together');
  expect(() => read('temporals://here', { HANABI_TEMPORAL_CA: file('none') })).toThrow(
    'HANABI_TEMPORAL_CA cannot be read',
  );
});

it('shows a certificate and a key to a cluster that it knows', async () => {
  const bridge = loadBridge(bridgeFolder(process.env));
  const [authority, certificate, key] = ['ca.pem', 'server.pem', 'server.key'].map((name) => readFileSync(file(name)));
  const seen: unknown[] = [];
  const answers = {
    GetSystemInfo: () => ({}),
    DescribeNamespace: (_: unknown, __: unknown, authorization: unknown) => {
      seen.push(authorization);
      return {};
    },
  };
  const tls = { authority: authority!, certificate: certificate!, key: key! };
  const { target, close } = await serveGrpc(bridgeFolder(process.env), bridge, answers, tls);
  const engine = { HANABI_WORKFLOW_ENGINE: `temporals://${target}/office`, HANABI_TEMPORAL_API_KEY: 'the-key' };
  const known = { ...engine, HANABI_TEMPORAL_CA: file('ca.pem') };
  const shown = { ...known, HANABI_TEMPORAL_CERT: file('client.pem'), HANABI_TEMPORAL_KEY: file('client.key') };
  const connected = await Cluster.connect(bridge, engineAddress(shown)!);
  await connected.call('DescribeNamespace', {});
  expect(seen).toEqual(['Bearer the-key']);
  connected.close();
  for (const lacking of [engine, known]) {
    await expect(Cluster.connect(bridge, engineAddress(lacking)!)).rejects.toThrow('no Temporal cluster answers at');
  }
  close();
});

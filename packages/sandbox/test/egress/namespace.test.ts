/** Public addresses, real names and real TLS, in a network namespace that leads nowhere else. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runScript } from '../test-sandbox.ts';
import { makeCertificate } from './certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'hanabi-namespace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LAUNCHER = process.getuid?.() === 0 ? ['unshare', '--net'] : ['unshare', '--map-root-user', '--net'];
const script = `ip link set lo up && ip route add local 198.41.0.0/24 dev lo`;
const can = spawnSync(LAUNCHER[0]!, [...LAUNCHER.slice(1), 'sh', '-c', script]).status === 0;

describe.skipIf(!can)(can ? 'on the public internet' : 'on the public internet (no network namespace here)', () => {
  it('a module reaches what it may, and nothing inside', () => {
    const { cert_file } = makeCertificate(folder, 'DNS:api.example');
    const proxies = { HTTP_PROXY: 'http://127.0.0.1:80', HTTPS_PROXY: 'http://127.0.0.1:80', NODE_USE_ENV_PROXY: '1' };
    const { stdout, stderr } = runScript(new URL('talks-in-a-namespace.ts', import.meta.url), [folder], LAUNCHER, {
      ...process.env,
      ...proxies,
      http_proxy: proxies.HTTP_PROXY,
      https_proxy: proxies.HTTPS_PROXY,
      NODE_EXTRA_CA_CERTS: cert_file,
    });
    expect(stderr).not.toContain('Error');
    expect(JSON.parse(stdout)).toEqual({
      declared: '200 public api.example',
      broad: '200 public api.example',
      wrong_name: expect.stringMatching(/^HANABI-N010 .*ERR_TLS_CERT_ALTNAME_INVALID/),
      denied: expect.stringMatching(/^HANABI-N002 /),
      // Public at first, so it is connected to, and to nothing else: a second question would have led inside.
      rebinds: expect.stringMatching(/^HANABI-N010 .*ECONNREFUSED/),
      rebinds_questions: 1,
      rebinds_again: expect.stringMatching(/^HANABI-N003 /),
      mixed: expect.stringMatching(/^HANABI-N003 /),
      own: expect.stringMatching(/^HANABI-N003 /),
      nobody: expect.stringMatching(/^HANABI-N010 .*does not resolve/),
      asked_secure: ['GET /', 'GET /'],
      asked_inside: [],
      asked_own: [],
    });
  });
});

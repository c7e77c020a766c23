/**
 * Started by a test inside a network namespace of its own, where "public" addresses are this machine's: what a module
 * gets that has no exception at all. Prints what came of each request. Trusts the certificate in NODE_EXTRA_CA_CERTS.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dnsLookUp } from '../../src/egress/resolve.ts';
import { closeServers, httpServer, nameServer } from './servers.ts';
import { policyOf, workerSide } from './worker-side.ts';

const folder = process.argv[2]!;
const ip = (...args: string[]) => execFileSync('ip', args);
ip('link', 'set', 'lo', 'up');
ip('route', 'add', 'local', '198.41.0.0/24', 'dev', 'lo');
ip('address', 'add', '198.41.1.1/32', 'dev', 'lo');

const tls = {
  key: readFileSync(join(folder, 'key.pem'), 'utf8'),
  cert: readFileSync(join(folder, 'cert.pem'), 'utf8'),
};
const secure = await httpServer((request, response) => void response.end(`public ${request.headers.host}`), {
  host: '198.41.0.4',
  port: 443,
  tls,
});
const inside = await httpServer((_, response) => void response.end('inside'), { host: '127.0.0.1', port: 80 });
const own = await httpServer((_, response) => void response.end('own'), { host: '198.41.1.1', port: 80 });

const names = await nameServer((name, times) => {
  if (name === 'rebinds.example') return times === 1 ? ['198.41.0.9'] : ['127.0.0.1'];
  if (name === 'mixed.example') return ['198.41.0.4', '127.0.0.1'];
  return { 'api.example': ['198.41.0.4'], 'other.example': ['198.41.0.4'], 'own.example': ['198.41.1.1'] }[name] ?? [];
});
const lookUp = dnsLookUp([names.address]);
const hosts = ['api', 'other', 'rebinds', 'mixed', 'own', 'nobody'];
const origins = hosts.flatMap((host) => [`http://${host}.example`, `https://${host}.example`]);

const declared = workerSide(policyOf({ origins }), { lookUp });
const broad = workerSide(policyOf({ origins: 'public', deny_domains: ['other.example'] }), { lookUp });
const ask = async (side: typeof declared, url: string) => {
  const { status, code, body, message } = await side.ask(url);
  return code ? `${code} ${message}` : `${status} ${body}`;
};
const found = {
  declared: await ask(declared, 'https://api.example/'),
  broad: await ask(broad, 'https://api.example/'),
  wrong_name: await ask(declared, 'https://other.example/'),
  denied: await ask(broad, 'https://other.example/'),
  rebinds: await ask(declared, 'http://rebinds.example/'),
  rebinds_questions: names.asked.filter((question) => question === 'A rebinds.example').length,
  rebinds_again: await ask(declared, 'http://rebinds.example/'),
  mixed: await ask(declared, 'https://mixed.example/'),
  own: await ask(declared, 'http://own.example/'),
  nobody: await ask(declared, 'http://nobody.example/'),
  asked_secure: secure.asked,
  asked_inside: inside.asked,
  asked_own: own.asked,
};
console.log(JSON.stringify(found));
declared.egress.close();
broad.egress.close();
names.close();
await closeServers();

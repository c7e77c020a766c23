/**
 * A real S3 store for tests: Debian's swift, whose s3api checks signatures, on loopback and in a folder of its own.
 * Undefined where swift is not installed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { S3mini } from 's3mini';
import { freePort } from './free-port.ts';
import type { S3Settings } from '../../src/storage/s3-blobs.ts';

export interface S3Server {
  settings: S3Settings;
  /** A client of its own, to look at and to spoil what is stored. */
  client: S3mini;
  /** As when the store, or the way to it, is away. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export const hasSwift = ['proxy', 'account', 'container', 'object'].every((part) =>
  existsSync(`/usr/bin/swift-${part}-server`),
);

const run = promisify(execFile);
const PARTS = ['account', 'container', 'object'] as const;

export async function startS3(): Promise<S3Server> {
  // Its servers keep metadata in extended attributes, which a tmpfs may not have.
  const dir = await mkdtemp('/var/tmp/hanabi-s3-');
  await mkdir(join(dir, 'devices', 'd1'), { recursive: true });
  await writeFile(join(dir, 'swift.conf'), '[swift-hash]\nswift_hash_path_suffix = tests\n');
  const children: ChildProcess[] = [];
  const start = async (part: string, port: number, config: string) => {
    const file = join(dir, `${part}.conf`);
    const defaults = `bind_ip = 127.0.0.1\nbind_port = ${port}\nworkers = 0\nswift_dir = ${dir}\nuser = root\n`;
    await writeFile(file, `[DEFAULT]\n${defaults}${config}`);
    const child = spawn(`/usr/bin/swift-${part}-server`, [file], { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  for (const part of PARTS) {
    const port = await freePort();
    const builder = join(dir, `${part}.builder`);
    await run('/usr/bin/swift-ring-builder', [builder, 'create', '1', '1', '0']);
    await run('/usr/bin/swift-ring-builder', [builder, 'add', `r1z1-127.0.0.1:${port}/d1`, '1']);
    await run('/usr/bin/swift-ring-builder', [builder, 'rebalance']);
    const devices = `devices = ${join(dir, 'devices')}\nmount_check = false\n`;
    await start(
      part,
      port,
      `${devices}[pipeline:main]\npipeline = ${part}-server\n[app:${part}-server]\nuse = egg:swift#${part}\n`,
    );
  }
  const port = await freePort();
  let proxy = await start('proxy', port, PROXY);

  const settings: S3Settings = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'contents',
    region: 'us-east-1',
    access_key_id: 'test:tester',
    secret_access_key: 'testing',
  };
  const client = new S3mini({
    endpoint: `${settings.endpoint}/${settings.bucket}`,
    region: settings.region,
    accessKeyId: settings.access_key_id,
    secretAccessKey: settings.secret_access_key,
  });
  const pause = async () => {
    children.splice(children.indexOf(proxy), 1);
    await end(proxy);
  };
  const resume = async () => {
    proxy = await start('proxy', port, PROXY);
    await ready(client, children);
  };
  const stop = async () => {
    await Promise.all(children.map(end));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await ready(client, children);
  } catch (error) {
    await stop();
    throw error;
  }
  return { settings, client, pause, resume, stop };
}

/** Its cache is a memcached that is not there: every question is then answered by the servers themselves. */
const PROXY = `
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
`;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Its parts start one after the other; the bucket can be made when all of them have. */
async function ready(client: S3mini, children: readonly ChildProcess[]): Promise<void> {
  for (;;) {
    const ended = children.find((child) => child.exitCode !== null || child.signalCode !== null);
    if (ended) throw new Error(`${ended.spawnfile} ended with ${ended.exitCode ?? ended.signalCode}`);
    if (await client.bucketExists().catch(() => false)) return;
    await client.createBucket().catch(() => false);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

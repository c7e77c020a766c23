/** The only file that reads the environment. Names are part of the contract with operators. */
import { mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { delimiter, resolve } from 'node:path';
import { LIMITS, MIB, type Tiers } from '@hanabi/protocol';
import {
  bridgeFolder,
  type ContainerSettings,
  containerSettings,
  engineAddress,
  librarySettings,
  type LibrarySettings,
  type NetworkRules,
  readDomains,
  readOrigins,
  readTiers,
} from '@hanabi/sandbox';
import type { OidcSettings } from './accounts/oidc.ts';
import type { ClusterSettings } from './workflows/cluster/connection.ts';
import type { DataAmounts } from './storage/data/data-quota.ts';
import type { S3Settings } from './storage/s3-blobs.ts';

export interface Config {
  host: string;
  port: number;
  data_dir: string;
  /** Contents, uploads and modules; the data folder itself, unless several servers of one database share another one. */
  shared_dir: string;
  /** Of PostgreSQL; undefined: the tables are in a SQLite file of the data folder. */
  database_url: string | undefined;
  /** The first admin's password, when the operator chose one. */
  admin_password: string | undefined;
  sandbox_backend: (typeof SANDBOX_BACKENDS)[number];
  /** The engine, its images and its runtime; only for the backend that uses them. */
  container: ContainerSettings | undefined;
  /** Clones of a waiting Python instead of a bubblewrap for each job, where the machine can. */
  sandbox_fork_server: boolean;
  sandbox_jobs_max: number;
  /** What a manifest may name as its tier. */
  worker_tiers: Tiers;
  /** Root tree with the media tools; undefined: those of the machine itself, if it has them. */
  native_root: string | undefined;
  /** Where the Python libraries of modules come from. */
  libraries: Pick<LibrarySettings, 'index_url' | 'system_packages'>;
  /** Origin that module pages are served from, possibly with "{id}" as a sub-domain; undefined: the desktop's own. */
  module_origin: string | undefined;
  /** What the operator says of the network of every module's worker. */
  network: NetworkRules;
  /** Folders of modules that the operator installs beside those in the box. */
  module_dirs: string[];
  /** Whether everybody who reaches the server may make an account, or only who was invited. */
  sign_up: (typeof SIGN_UPS)[number];
  /** Whether an update that asks for nothing new goes live at once, or waits for a review like any other. */
  module_updates: (typeof MODULE_UPDATES)[number];
  /** A service that people can sign in through; undefined: none. */
  oidc: OidcSettings | undefined;
  /** What the files of a user may take who has no limit of their own; null: no limit. */
  user_storage_limit_bytes: number | null;
  /** What the documents of one module may take for one user. */
  data_quota: DataAmounts;
  /** Where contents are kept; undefined: in the data folder. */
  s3: S3Settings | undefined;
  /** Addresses and networks of the proxies in front, whose X-Forwarded-For is believed. */
  trusted_proxies: string[];
  /** Hosts that may be asked for, with or without a port; undefined: any. */
  allowed_hosts: string[] | undefined;
  log_level: string;
}

export class ConfigError extends Error {}

const SANDBOX_BACKENDS = ['disabled', 'bubblewrap', 'container'] as const;
const SIGN_UPS = ['invitation', 'open'] as const;
const MODULE_UPDATES = ['direct', 'review'] as const;
const SECRET_KEY_BYTES = 32;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const sandbox_backend = oneOf(env, 'HANABI_WORKER_SANDBOX_BACKEND', SANDBOX_BACKENDS, 'disabled');
  return {
    host: env['HANABI_HOST'] || '0.0.0.0',
    port: wholeNumber(env, 'HANABI_PORT', 8080, 0, 65_535),
    data_dir: resolve(env['HANABI_DATA_DIR'] || 'data'),
    shared_dir: sharedDir(env),
    database_url: databaseUrl(env['HANABI_DATABASE_URL']),
    admin_password: env['HANABI_ADMIN_PASSWORD'] || undefined,
    sandbox_backend,
    container: sandbox_backend === 'container' ? container(env) : undefined,
    sandbox_fork_server: oneOf(env, 'HANABI_WORKER_FORK_SERVER', ['on', 'off'] as const, 'on') === 'on',
    sandbox_jobs_max: wholeNumber(env, 'HANABI_WORKER_JOBS_MAX', 4, 1, 256),
    worker_tiers: workerTiers(env),
    native_root: env['HANABI_WORKER_NATIVE_ROOT'] ? resolve(env['HANABI_WORKER_NATIVE_ROOT']) : undefined,
    libraries: libraries(env),
    module_origin: moduleOrigin(env['HANABI_MODULE_ORIGIN']),
    network: networkRules(env),
    module_dirs: (env['HANABI_MODULE_DIRS'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((dir) => resolve(dir)),
    oidc: oidcSettings(env),
    sign_up: oneOf(env, 'HANABI_SIGN_UP', SIGN_UPS, 'invitation'),
    module_updates: oneOf(env, 'HANABI_MODULE_UPDATES', MODULE_UPDATES, 'direct'),
    user_storage_limit_bytes: storageLimit(env),
    data_quota: dataQuota(env),
    s3: s3Settings(env),
    trusted_proxies: list(env, 'HANABI_TRUSTED_PROXIES', isNetwork, 'an address or a network such as 10.0.0.0/8'),
    allowed_hosts: allowedHosts(env),
    log_level: oneOf(env, 'HANABI_LOG_LEVEL', LOG_LEVELS, 'warn'),
  };
}

/** Makes the data folders, readable by nobody else. */
export function makeDataDir({ data_dir, shared_dir }: Config): void {
  const folders = { HANABI_DATA_DIR: data_dir, HANABI_SHARED_DIR: shared_dir };
  for (const [name, folder] of Object.entries(folders)) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new ConfigError(`${name}: cannot use ${folder}: ${(error as Error).message}`);
    }
  }
}

function sharedDir(env: NodeJS.ProcessEnv): string {
  const text = env['HANABI_SHARED_DIR'];
  if (!text) return resolve(env['HANABI_DATA_DIR'] || 'data');
  if (!env['HANABI_DATABASE_URL'])
    throw new ConfigError('HANABI_SHARED_DIR: is for the servers of one PostgreSQL database');
  return resolve(text);
}

/** Never repeated in a message: it holds a password. */
function databaseUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!/^postgres(ql)?:\/\/./.test(text)) {
    throw new ConfigError('HANABI_DATABASE_URL: not an address such as postgres://name:password@localhost/hanabi');
  }
  return text;
}

/**
 * The cluster that keeps workflows; undefined: the database keeps them. Not part of the settings, because the supervisor
 * reads those, too, and has no use for the key.
 */
export function readWorkflowEngine(env: NodeJS.ProcessEnv = process.env): ClusterSettings | undefined {
  try {
    const address = engineAddress(env);
    return address && { address, bridge_dir: bridgeFolder(env) };
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

/**
 * What credentials of users are sealed with: each 32 bytes in base64, with spaces or lines between them. None: a key of
 * the shared folder. Not part of the settings, because the supervisor reads those, too. Never repeated in a message.
 */
export function readSecretKeys(env: NodeJS.ProcessEnv = process.env): Buffer[] {
  const path = env['HANABI_SECRET_KEY_FILE'];
  if (path && env['HANABI_SECRET_KEY'])
    throw new ConfigError('HANABI_SECRET_KEY and HANABI_SECRET_KEY_FILE: one of them');
  let text = env['HANABI_SECRET_KEY'] ?? '';
  try {
    if (path) text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`HANABI_SECRET_KEY_FILE: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
  const keys = text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => Buffer.from(word, 'base64'));
  if (keys.some((key) => key.length !== SECRET_KEY_BYTES) || (path && keys.length === 0)) {
    throw new ConfigError('HANABI_SECRET_KEY: not 32 bytes in base64, such as "openssl rand -base64 32" gives');
  }
  return keys;
}

function workerTiers(env: NodeJS.ProcessEnv): Tiers {
  try {
    return readTiers(env['HANABI_WORKER_TIERS']);
  } catch (error) {
    throw new ConfigError(`HANABI_WORKER_TIERS: ${(error as Error).message}`);
  }
}

function networkRules(env: NodeJS.ProcessEnv): NetworkRules {
  const read = (name: string, parse: (text: string) => string[]) => {
    try {
      return parse(env[name] ?? '');
    } catch (error) {
      throw new ConfigError(`${name}: ${(error as Error).message}`);
    }
  };
  return {
    allow_domains: read('HANABI_NETWORK_ALLOW', readDomains),
    deny_domains: read('HANABI_NETWORK_DENY', readDomains),
    private_origins: read('HANABI_NETWORK_ALLOW_PRIVATE', readOrigins),
  };
}

function storageLimit(env: NodeJS.ProcessEnv): number | null {
  const name = 'HANABI_USER_STORAGE_LIMIT_MB';
  return env[name] ? wholeNumber(env, name, 0, 1, 2 ** 40 / MIB) * MIB : null;
}

function dataQuota(env: NodeJS.ProcessEnv): DataAmounts {
  const { data_collections_max, data_records_max, data_bytes_max } = LIMITS;
  return {
    collections: wholeNumber(env, 'HANABI_DATA_COLLECTIONS_MAX', data_collections_max, 1, 10_000),
    records: wholeNumber(env, 'HANABI_DATA_RECORDS_MAX', data_records_max, 1, 1_000_000_000),
    bytes: wholeNumber(env, 'HANABI_DATA_LIMIT_MB', data_bytes_max / MIB, 1, 2 ** 40 / MIB) * MIB,
  };
}

function oidcSettings(env: NodeJS.ProcessEnv): OidcSettings | undefined {
  const issuer = env['HANABI_OIDC_ISSUER'];
  if (!issuer) return undefined;
  const [client_id, client_secret] = [env['HANABI_OIDC_CLIENT_ID'], env['HANABI_OIDC_CLIENT_SECRET']];
  if (!client_id || !client_secret) {
    throw new ConfigError('HANABI_OIDC_CLIENT_ID, HANABI_OIDC_CLIENT_SECRET: are needed beside HANABI_OIDC_ISSUER');
  }
  // What is said to it without TLS, everybody on the way can say.
  if (!/^https:\/\/[^/?#]+|^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/.test(issuer)) {
    throw new ConfigError(`HANABI_OIDC_ISSUER: "${issuer}" is not an address such as https://id.example.net`);
  }
  const sign_up = oneOf(env, 'HANABI_OIDC_SIGN_UP', ['off', 'on'] as const, 'off') === 'on';
  return { issuer, client_id, client_secret, sign_up, name: env['HANABI_OIDC_NAME'] || new URL(issuer).hostname };
}

/** All five settings or none. */
function s3Settings(env: NodeJS.ProcessEnv): S3Settings | undefined {
  const names = ['ENDPOINT', 'BUCKET', 'REGION', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'].map(
    (name) => `HANABI_S3_${name}`,
  );
  const [endpoint = '', bucket = '', region = '', access_key_id = '', secret_access_key = ''] = names.map(
    (name) => env[name],
  );
  if (!endpoint) return undefined;
  const missing = names.find((name) => !env[name]);
  if (missing) throw new ConfigError(`${missing}: is needed beside HANABI_S3_ENDPOINT`);
  if (!/^https?:\/\/[^/?#]+\/?$/.test(endpoint)) {
    throw new ConfigError(`HANABI_S3_ENDPOINT: "${endpoint}" is not an address such as https://s3.example.net`);
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new ConfigError(`HANABI_S3_BUCKET: "${bucket}" is not the name of a bucket`);
  }
  return { endpoint, bucket, region, access_key_id, secret_access_key };
}

/** Names and addresses without a scheme; those of HANABI_MODULE_ORIGIN belong to them by themselves. */
function allowedHosts(env: NodeJS.ProcessEnv): string[] | undefined {
  const hosts = list(env, 'HANABI_ALLOWED_HOSTS', isHost, 'a host such as desktop.example or 192.0.2.1:8080');
  return hosts.length > 0 ? hosts.map((host) => host.toLowerCase()) : undefined;
}

function isHost(text: string): boolean {
  return /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(text);
}

function list(env: NodeJS.ProcessEnv, name: string, fits: (text: string) => boolean, what: string): string[] {
  const parts = (env[name] ?? '').split(',').map((part) => part.trim());
  for (const part of parts) if (part && !fits(part)) throw new ConfigError(`${name}: "${part}" is not ${what}`);
  return parts.filter(Boolean);
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function libraries(env: NodeJS.ProcessEnv): Config['libraries'] {
  try {
    return librarySettings(env);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

function container(env: NodeJS.ProcessEnv): ContainerSettings {
  try {
    return containerSettings(env);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, fallback: number, low: number, high: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ConfigError(`${name}: "${text}" is not a whole number from ${low} to ${high}`);
  }
  return value;
}

function oneOf<const T extends string>(env: NodeJS.ProcessEnv, name: string, choices: readonly T[], fallback: T): T {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const choice = choices.find((candidate) => candidate === text);
  if (!choice) throw new ConfigError(`${name}: "${text}" is not one of ${choices.join(', ')}`);
  return choice;
}

function moduleOrigin(text: string | undefined): string | undefined {
  if (!text) return undefined;
  // "{id}" is no host name, so it is looked at as if a module were already named.
  const match = /^https?:\/\/(\{id\}\.)?[a-z0-9.-]+(:\d{1,5})?$/i.exec(text.replace(/\/$/, ''));
  if (!match) {
    throw new ConfigError(`HANABI_MODULE_ORIGIN: "${text}" is not an origin such as https://{id}.modules.example`);
  }
  return match[0].toLowerCase();
}

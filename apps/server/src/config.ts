/** The only file that reads the environment. Names are part of the contract with operators. */
import { mkdirSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { MIB } from '@hanabi/protocol';
import type { S3Settings } from './storage/s3-blobs.ts';

export interface Config {
  host: string;
  port: number;
  data_dir: string;
  /** The first admin's password, when the operator chose one. */
  admin_password: string | undefined;
  sandbox_backend: 'disabled' | 'bubblewrap';
  sandbox_jobs_max: number;
  /** Origin that module pages are served from, possibly with "{id}" as a sub-domain; undefined: the desktop's own. */
  module_origin: string | undefined;
  /** Folders of modules that the operator installs beside those in the box. */
  module_dirs: string[];
  /** What the files of a user may take who has no limit of their own; null: no limit. */
  user_storage_limit_bytes: number | null;
  /** Where contents are kept; undefined: in the data folder. */
  s3: S3Settings | undefined;
  log_level: string;
}

export class ConfigError extends Error {}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return {
    host: env['HANABI_HOST'] || '0.0.0.0',
    port: wholeNumber(env, 'HANABI_PORT', 8080, 0, 65_535),
    data_dir: resolve(env['HANABI_DATA_DIR'] || 'data'),
    admin_password: env['HANABI_ADMIN_PASSWORD'] || undefined,
    sandbox_backend: oneOf(env, 'HANABI_WORKER_SANDBOX_BACKEND', ['disabled', 'bubblewrap'] as const, 'disabled'),
    sandbox_jobs_max: wholeNumber(env, 'HANABI_WORKER_JOBS_MAX', 4, 1, 256),
    module_origin: moduleOrigin(env['HANABI_MODULE_ORIGIN']),
    module_dirs: (env['HANABI_MODULE_DIRS'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((dir) => resolve(dir)),
    user_storage_limit_bytes: storageLimit(env),
    s3: s3Settings(env),
    log_level: oneOf(env, 'HANABI_LOG_LEVEL', LOG_LEVELS, 'warn'),
  };
}

/** Makes the data folder, readable by nobody else. */
export function makeDataDir(config: Config): void {
  try {
    mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(`HANABI_DATA_DIR: cannot use ${config.data_dir}: ${(error as Error).message}`);
  }
}

function storageLimit(env: NodeJS.ProcessEnv): number | null {
  const name = 'HANABI_USER_STORAGE_LIMIT_MB';
  return env[name] ? wholeNumber(env, name, 0, 1, 2 ** 40 / MIB) * MIB : null;
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

import { readFileSync } from 'node:fs';
import { EngineError } from '../engine-error.ts';

/** Where workflows run that this house does not run itself, and how one gets there. */
export interface EngineAddress {
  /** Host and port. */
  readonly target: string;
  readonly namespace: string;
  /** Undefined: in the clear. */
  readonly tls?: TlsFiles;
  readonly apiKey?: string;
}

/** The contents of PEM files. */
interface TlsFiles {
  /** Who vouches for the cluster; those that the machine trusts when left out. */
  readonly authority?: Buffer;
  /** What this client shows of itself, if the cluster asks. */
  readonly client?: { readonly certificate: Buffer; readonly key: Buffer };
}

const DEFAULT_PORT = 7233;
const DEFAULT_NAMESPACE = 'default';
const SECURE: Readonly<Record<string, boolean>> = { 'temporal:': false, 'temporals:': true };

/**
 * The cluster that `HANABI_WORKFLOW_ENGINE` names, such as temporals://temporal.example:7233/office; undefined where it
 * is not set. Throws FAILED_PRECONDITION with a sentence for the operator.
 */
export function engineAddress(env: NodeJS.ProcessEnv): EngineAddress | undefined {
  const text = env['HANABI_WORKFLOW_ENGINE'];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const path = url?.pathname.slice(1) ?? '';
  const secure = SECURE[url?.protocol ?? ''];
  if (!url?.hostname || secure === undefined || path.includes('/') || url.search || url.username) {
    throw refusal(`HANABI_WORKFLOW_ENGINE is "${text}", and not like temporal://HOST:PORT/NAMESPACE`);
  }
  const apiKey = env['HANABI_TEMPORAL_API_KEY'];
  if (apiKey && !secure) throw refusal('HANABI_TEMPORAL_API_KEY would be sent in the clear: use temporals://');
  return {
    target: `${url.hostname}:${url.port || DEFAULT_PORT}`,
    namespace: decodeURIComponent(path) || DEFAULT_NAMESPACE,
    tls: secure ? tlsFiles(env) : undefined,
    apiKey,
  };
}

function tlsFiles(env: NodeJS.ProcessEnv): TlsFiles {
  const authority = readSetting(env, 'HANABI_TEMPORAL_CA');
  const certificate = readSetting(env, 'HANABI_TEMPORAL_CERT');
  const key = readSetting(env, 'HANABI_TEMPORAL_KEY');
  if ((certificate === undefined) !== (key === undefined)) {
    throw refusal('HANABI_TEMPORAL_CERT and HANABI_TEMPORAL_KEY go together');
  }
  return { authority, client: certificate && key && { certificate, key } };
}

function readSetting(env: NodeJS.ProcessEnv, name: string): Buffer | undefined {
  const file = env[name];
  if (!file) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    throw refusal(`${name} cannot be read: ${(error as Error).message}`);
  }
}

function refusal(message: string): EngineError {
  return new EngineError('FAILED_PRECONDITION', message);
}

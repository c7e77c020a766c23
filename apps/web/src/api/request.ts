/** One way to the server for everything in the shell: session cookie, CSRF token, errors with a code. */
import { CSRF_HEADER, type ErrorBody, HanabiError } from '@hanabi/protocol';

let token = '';
const sessionEndedListeners = new Set<() => void>();

export function useCsrfToken(newToken: string): void {
  token = newToken;
}

export function csrfToken(): string {
  return token;
}

export function csrfHeaders(): Record<string, string> {
  return token ? { [CSRF_HEADER]: token } : {};
}

/** Calls back when the server says that nobody is signed in any more. Returns the way to stop listening. */
export function onSessionEnded(listener: () => void): () => void {
  sessionEndedListeners.add(listener);
  return () => sessionEndedListeners.delete(listener);
}

interface RequestOptions {
  method?: string;
  json?: unknown;
  /** Bytes, sent as they are; instead of json. */
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The response, whose status is a success; otherwise throws the HanabiError that the server sent. */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const headers = { ...csrfHeaders(), ...options.headers };
  const init: RequestInit = { method: options.method ?? 'GET', headers, credentials: 'same-origin' };
  if (options.signal) init.signal = options.signal;
  if (options.json !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(options.json);
  }
  if (options.body !== undefined) {
    headers['content-type'] ??= 'application/octet-stream';
    init.body = options.body;
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (options.signal?.aborted) throw new HanabiError('HANABI-W016', undefined, { cause });
    throw new HanabiError('HANABI-V011', undefined, { cause });
  }
  if (!response.ok) throw errorFrom(await response.text(), response.status);
  return response;
}

export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await request(path, options);
  return (await response.json()) as T;
}

/** The error that the body of a failed answer carries. */
export function errorFrom(body: string, status: number): HanabiError {
  let error: HanabiError;
  try {
    error = HanabiError.fromBody((JSON.parse(body) as { error: ErrorBody }).error);
  } catch (cause) {
    // A proxy in between answers in its own words.
    error = new HanabiError(status >= 500 ? 'HANABI-V011' : 'HANABI-V008', `status ${status}`, { cause });
  }
  if (error.code === 'HANABI-A001' || error.code === 'HANABI-A004') {
    tellSessionEnded();
  }
  return error;
}

/** The server has ended the session. */
export function tellSessionEnded(): void {
  for (const listener of sessionEndedListeners) listener();
}

/** Developers, reviewers and users of published modules, as their windows speak to the server. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CSRF_HEADER,
  type Decision,
  DESKTOP_PATHS,
  type ErrorBody,
  type StoreModule,
  type UploadedPackage,
} from '@hanabi/protocol';
import { pack } from '@hanabi/module-package';
import { Users } from '../../src/accounts/users.ts';
import type { Db } from '../../src/storage/db.ts';
import { FileTree } from '../../src/storage/file-tree.ts';
import type { Desktop } from './desktop.ts';
import { makeModule, type ModuleWish } from './make-module.ts';

/** Users with the role of a developer; each has its name as password. */
export function developers(...names: string[]) {
  return async (db: Db): Promise<void> => {
    const users = new Users(db, new FileTree(db));
    for (const name of names) await users.create(name, name, 'developer');
  };
}

/** The bytes of a package with these contents; one with a worker has sample inputs. */
export async function packageOf(wish: ModuleWish, privatePem?: string): Promise<Buffer> {
  const files =
    wish.worker === undefined ? wish.files : { 'tests/sample-inputs/lantern.txt': 'lantern', ...wish.files };
  const dir = await makeModule({ ...wish, files: files ?? {} });
  const scratch = await mkdtemp(join(tmpdir(), 'hanabi-publish-'));
  try {
    await pack(dir, join(scratch, 'package.zip'), privatePem);
    return await readFile(join(scratch, 'package.zip'));
  } finally {
    await rm(scratch, { recursive: true });
    await rm(dir, { recursive: true });
  }
}

export interface Answered<T> {
  status: number;
  body: T;
  /** The code of a failure. */
  code: string | undefined;
}

async function answered<T>(response: Response): Promise<Answered<T>> {
  const text = await response.text();
  const body = (text === '' ? undefined : JSON.parse(text)) as T;
  const code = (body as { error?: ErrorBody } | undefined)?.error?.code;
  return { status: response.status, body, code };
}

export async function upload(
  by: Desktop,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answered<UploadedPackage>> {
  const response = await fetch(`${by.url}${DESKTOP_PATHS.portal}/packages`, {
    method: 'POST',
    headers: { cookie: by.cookie, [CSRF_HEADER]: by.csrf, 'content-type': 'application/zip', ...headers },
    body: new Uint8Array(bytes),
  });
  return answered(response);
}

export async function ask<T = unknown>(
  by: Desktop,
  method: string,
  path: string,
  json?: unknown,
): Promise<Answered<T>> {
  return answered<T>(await by.send(method, path, json));
}

export function submit(by: Desktop, id: string, version: string): Promise<Answered<{ state: string }>> {
  return ask(by, 'POST', `${DESKTOP_PATHS.portal}/modules/${id}/versions/${version}/submit`, {});
}

export function decide(by: Desktop, id: string, version: string, decision: Decision): Promise<Answered<unknown>> {
  return ask(by, 'POST', `${DESKTOP_PATHS.review}/${id}/versions/${version}/decision`, decision);
}

export async function storeOf(by: Desktop): Promise<StoreModule[]> {
  return (await ask<{ modules: StoreModule[] }>(by, 'GET', DESKTOP_PATHS.store)).body.modules;
}

export function install(by: Desktop, id: string): Promise<Answered<unknown>> {
  return ask(by, 'PUT', `${DESKTOP_PATHS.store}/${id}/install`);
}

export function uninstall(by: Desktop, id: string, data: 'keep' | 'delete' = 'keep'): Promise<Answered<unknown>> {
  return ask(by, 'DELETE', `${DESKTOP_PATHS.store}/${id}/install?data=${data}`);
}

/** Ids of what somebody can open, without what comes with the server. */
export async function modulesOf(by: Desktop): Promise<string[]> {
  const { body } = await ask<{ modules: { id: string; origin: string; version: string }[] }>(
    by,
    'GET',
    DESKTOP_PATHS.modules,
  );
  return body.modules
    .filter(({ origin }) => origin === 'store' || origin === 'draft')
    .map(({ id, version }) => `${id} ${version}`);
}

/** Uploads, submits and approves. */
export async function publish(
  developer: Desktop,
  admin: Desktop,
  wish: ModuleWish,
  decision: Partial<Decision> = {},
): Promise<void> {
  const { body, status } = await upload(developer, await packageOf(wish));
  const version = body.version?.version;
  if (status !== 201 || !version) throw new Error(JSON.stringify(body));
  const submitted = await submit(developer, wish.id, version);
  if (submitted.body.state === 'live') return;
  const decided = await decide(admin, wish.id, version, { decision: 'approve', ...decision });
  if (decided.status !== 204) throw new Error(JSON.stringify(decided.body));
}

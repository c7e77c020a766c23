/**
 * What every capability call goes through, however it came: launch, declared, granted, well-formed, scoped, and only then
 * the handler. The session stands before it, with whoever took the call in.
 */
import type { Readable } from 'node:stream';
import {
  CAPABILITIES,
  CAPABILITY_TYPES,
  type CapabilityRow,
  checkAccess,
  HanabiError,
  type HanabiEvent,
  holds,
  isCapabilityType,
  type Permission,
  type ServerCapability,
} from '@hanabi/protocol';
import type { LiveSession } from '../accounts/sessions.ts';
import type { Call } from '../capabilities/call.ts';
import { handlers } from '../capabilities/index.ts';
import type { Context } from '../context.ts';
import { compareVersions } from '../modules/semver.ts';
import { type Caller, resolveScope } from '../scope/resolve.ts';
import { compile } from './validate.ts';

export interface AskedCall {
  session: LiveSession;
  /** Under which the request is found in the log. */
  requestId: string;
  type: string;
  /** The id of the launch, as it came. */
  launch: unknown;
  body: Record<string, unknown>;
  upload: Readable | undefined;
  /** Aborted when the one who asked has gone away before the answer was sent. */
  readonly signal: AbortSignal;
  holdFile: (size_bytes: number) => Promise<void>;
}

export type CapabilityAnswer =
  | { kind: 'data'; data: unknown }
  /** `wanted`: whether the events go to the caller, or only the value at their end. */
  | { kind: 'events'; events: AsyncGenerator<HanabiEvent, unknown, void>; wanted: boolean };

type Outcome = Promise<unknown> | AsyncGenerator<HanabiEvent, unknown, void>;

const validators = new Map(
  CAPABILITY_TYPES.filter(answeredHere).map((type) => [type, compile(CAPABILITIES[type].payload, 'HANABI-V002')]),
);

export async function answerCapability(context: Context, asked: AskedCall): Promise<CapabilityAnswer> {
  const { type } = asked;
  if (!isCapabilityType(type) || !answeredHere(type)) throw new HanabiError('HANABI-V003', type.slice(0, 64));
  const caller = await callerOf(context, asked.session, asked.launch);
  return answerCaller(context, caller, type, asked);
}

/** The same for somebody who is known already. */
export async function answerCaller(
  context: Context,
  caller: Caller,
  type: ServerCapability,
  asked: Pick<AskedCall, 'requestId' | 'body' | 'upload' | 'signal' | 'holdFile'>,
): Promise<CapabilityAnswer> {
  const { body, upload, holdFile } = asked;
  const row: CapabilityRow = CAPABILITIES[type];
  if (upload && type !== 'HANABI_WRITE_FILE') throw new HanabiError('HANABI-V002', 'it takes no bytes');
  const use = { user: caller.user, module: caller.module, detail: type, request_id: asked.requestId };
  try {
    checkAccess(row, body, caller.rights);
  } catch (error) {
    // The desktop refuses before it sends: this went past it, or met a grant that was just taken away.
    context.uses.noteRefused(use, missingFor(row, caller));
    throw error;
  }
  const payload = validators.get(type)!(body) as Record<string, unknown>;
  const scope = await resolveScope(context, row, payload, caller);
  // After the checks, so that what was refused is no use.
  context.uses.note(use, usedBy(row, caller));
  const call = {
    context,
    caller,
    type,
    request_id: asked.requestId,
    payload,
    scope,
    upload,
    get signal() {
      return asked.signal;
    },
    holdFile,
  } as unknown as Call<never>;
  const outcome = handlers[type](call) as Outcome;
  if (isGenerator(outcome)) return { kind: 'events', events: outcome, wanted: payload['stream'] === true };
  const data = await outcome;
  // A job says by itself when its outputs are there.
  if (row.changes === 'files') context.live.filesChanged(caller.user.id);
  return { kind: 'data', data };
}

function usedBy({ needs }: CapabilityRow, { rights }: Caller): Permission[] {
  const { all = [], any = [] } = needs;
  return [...all, ...any.filter((permission) => holds(permission, rights))];
}

function missingFor({ needs }: CapabilityRow, { rights }: Caller): Permission[] {
  const { all = [], any = [] } = needs;
  return [...all, ...any].filter((permission) => !holds(permission, rights));
}

function answeredHere(type: keyof typeof CAPABILITIES): type is ServerCapability {
  return CAPABILITIES[type].home === 'server';
}

/** HANABI-M002, M008 or M009 when the launch may not go on. */
export async function callerOf(context: Context, session: LiveSession, launchId: unknown): Promise<Caller> {
  const id = typeof launchId === 'string' ? launchId : '';
  await context.launches.seek({ id });
  const launch = context.launches.get(id, session);
  const { user } = session;
  const module = context.registry.getInUse(launch.module_id, user.id);
  // A page of a version that was taken back may go on no longer; one of an older version may.
  if (compareVersions(launch.module_version, module.version) > 0) throw new HanabiError('HANABI-M002');
  return { user, module, launch, rights: await context.registry.rights(module, user.id) };
}

/** For a caller who does not want the events. */
export async function drain(events: AsyncGenerator<HanabiEvent, unknown, void>): Promise<unknown> {
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
  }
}

function isGenerator(outcome: Outcome): outcome is AsyncGenerator<HanabiEvent, unknown, void> {
  return Symbol.asyncIterator in outcome;
}

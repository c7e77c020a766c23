/**
 * What of Temporal's own packages the house uses: `@temporalio/core-bridge`, their state machines and their client as
 * a native module, and `@temporalio/proto`, the shapes of their messages. They weigh 165 MB and only some want them,
 * so they are no dependency: whoever wants them installs them (`npm ci --prefix tools/temporal`).
 */
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { temporalFolder } from '../../assets.ts';
import { EngineError } from '../engine-error.ts';
import type { Fields } from '../wire.ts';

declare const kind: unique symbol;

/** Something that lives in the native module. */
interface Handle<Kind> {
  readonly [kind]: Kind;
}

export type Runtime = Handle<'runtime'>;
export type TemporalClient = Handle<'client'>;
export type TemporalWorker = Handle<'worker'>;
type HistoryPusher = Handle<'pusher'>;

/** The functions of the native module, which take every field of their options and `null` for what is not wanted. */
export interface Native {
  newRuntime(options: Fields): Runtime;
  runtimeShutdown(runtime: Runtime): void;
  newClient(runtime: Runtime, options: Fields): Promise<TemporalClient>;
  clientSendWorkflowServiceRequest(client: TemporalClient, call: RpcCall): Promise<Buffer>;
  clientClose(client: TemporalClient): void;
  newWorker(client: TemporalClient, options: Fields): TemporalWorker;
  newReplayWorker(runtime: Runtime, options: Fields): [TemporalWorker, HistoryPusher];
  pushHistory(pusher: HistoryPusher, workflowId: string, history: Buffer): Promise<void>;
  closeHistoryStream(pusher: HistoryPusher): void;
  workerValidate(worker: TemporalWorker): Promise<Buffer>;
  readonly workerPollWorkflowActivation: (worker: TemporalWorker) => Promise<Buffer>;
  workerCompleteWorkflowActivation(worker: TemporalWorker, completion: Buffer): Promise<void>;
  readonly workerPollActivityTask: (worker: TemporalWorker) => Promise<Buffer>;
  workerCompleteActivityTask(worker: TemporalWorker, completion: Buffer): Promise<void>;
  workerRecordActivityHeartbeat(worker: TemporalWorker, heartbeat: Buffer): void;
  workerInitiateShutdown(worker: TemporalWorker): void;
  workerFinalizeShutdown(worker: TemporalWorker): Promise<void>;
}

interface RpcCall {
  /** As the protocol has it, such as StartWorkflowExecution. */
  readonly rpc: string;
  readonly req: Buffer;
  readonly retry: boolean;
  readonly metadata: Readonly<Record<string, never>>;
  /** In milliseconds. */
  readonly timeout: number | null;
}

/** A kind of message, by reflection. */
interface MessageType {
  fromObject(fields: Fields): unknown;
  encode(message: unknown): { finish(): Uint8Array };
  encodeDelimited(message: unknown): { finish(): Uint8Array };
  decode(data: Uint8Array): unknown;
  toObject(message: unknown, options: Fields): Fields;
}

export interface Bridge {
  readonly native: Native;
  /** Of the full name. */
  messageType(name: string): MessageType;
}

interface Proto {
  lookupType(name: string): MessageType;
}

/** Where Temporal's packages are installed, unless `HANABI_TEMPORAL_BRIDGE` names another folder. */
export function bridgeFolder(env: NodeJS.ProcessEnv): string {
  return env['HANABI_TEMPORAL_BRIDGE'] || temporalFolder();
}

/** Throws FAILED_PRECONDITION with what to install where it is not. */
export function loadBridge(folder: string): Bridge {
  const load = nodeModule.createRequire(join(folder, 'package.json'));
  try {
    const { native } = load('@temporalio/core-bridge') as { native: Native };
    const proto = load('@temporalio/proto') as Proto;
    return { native, messageType: (name) => proto.lookupType(name) };
  } catch {
    const message = `Temporal's packages are not in ${folder}: install them with npm ci --prefix ${folder}`;
    throw new EngineError('FAILED_PRECONDITION', message);
  }
}

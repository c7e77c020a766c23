/** What a handler receives: never ids, but the things themselves, already checked. */
import {
  type CAPABILITIES,
  type HanabiEvent,
  holds,
  type Payloads,
  type Permission,
  requirePermission,
  type Results,
  type ServerCapability,
} from '@hanabi/protocol';
import type { Context } from '../context.ts';
import type { Caller, ScopedThings } from '../scope/resolve.ts';
import type { FileRow } from '../storage/file-tree.ts';

type Scoped = {
  [T in ServerCapability]: {
    -readonly [N in keyof (typeof CAPABILITIES)[T]['scope']]: (typeof CAPABILITIES)[T]['scope'][N] extends {
      kind: infer K extends keyof ScopedThings;
    }
      ? ScopedThings[K]
      : never;
  };
};

export interface Call<T extends ServerCapability> {
  context: Context;
  caller: Caller;
  type: ServerCapability;
  /** Under which the request is found in the log and in the audit. */
  request_id: string;
  payload: Payloads[T];
  scope: Scoped[T];
  /** The bytes that came as the body of the request, where the payload came beside them. */
  upload: AsyncIterable<Uint8Array> | undefined;
  signal: AbortSignal;
  /** Settles when there is memory for an answer that holds a file of that size. HANABI-Q007 when there is none for long. */
  holdFile(size_bytes: number): Promise<void>;
}

/** For what a capability takes beside the permissions of its row. */
export function requireGranted(
  { context, caller, type, request_id }: Pick<Call<ServerCapability>, 'context' | 'caller' | 'type' | 'request_id'>,
  permission: Permission,
): void {
  const { user, module, rights } = caller;
  if (!holds(permission, rights)) context.uses.noteRefused({ user, module, detail: type, request_id }, [permission]);
  requirePermission(permission, rights);
}

/** An answer whose bytes are sent as they are: the content of a file, and the data of the reply beside it. */
export class ContentAnswer {
  readonly data: unknown;
  readonly file: FileRow;

  constructor(data: unknown, file: FileRow) {
    this.data = data;
    this.file = file;
  }
}

/** A plain answer, or a generator whose events reach a streaming caller before its return value. */
type Handler<T extends ServerCapability> = (
  call: Call<T>,
) => Promise<Results[T] | ContentAnswer> | AsyncGenerator<HanabiEvent, Results[T], void>;

export type Handlers = { [T in ServerCapability]: Handler<T> };

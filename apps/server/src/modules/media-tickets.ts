/**
 * Addresses of OPEN_MEDIA. A ticket names a launch, a file and the hash of its content, and is signed together with
 * the session of the launch. Nothing of it is stored: when it is used, the capability is checked once more as if the
 * module had just asked, so whatever takes the right away takes the ticket with it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { CAPABILITIES, checkAccess, HanabiError, LIMITS, type Results } from '@hanabi/protocol';
import type { Context } from '../context.ts';
import { readOrMakeKey } from '../key-file.ts';
import { type Caller, resolveScope } from '../scope/resolve.ts';
import type { FileRow } from '../storage/file-tree.ts';
import type { LaunchRow } from './launches.ts';

const KEY_FILE = 'media.key';

/** Signs and reads tickets with the key of this installation. */
export class MediaTickets {
  private readonly key: Buffer;

  private constructor(key: Buffer) {
    this.key = key;
  }

  static async open(dataDir: string): Promise<MediaTickets> {
    return new MediaTickets(await readOrMakeKey(dataDir, KEY_FILE));
  }

  sign(launch: LaunchRow, file: FileRow, expiresMs: number): string {
    const fields = [launch.id, file.id, file.sha256, expiresMs.toString(36)];
    return [...fields, this.seal(fields, launch.session_hash)].join('.');
  }

  /** What a ticket names if `sessionHashOf` its launch was signed with it and it has not expired. */
  read(
    ticket: string,
    sessionHashOf: (launchId: string) => string | undefined,
  ): { launchId: string; fileId: string; sha256: string } | undefined {
    const fields = ticket.split('.');
    const seal = fields.pop() ?? '';
    const [launchId = '', fileId = '', sha256 = '', expires = ''] = fields;
    const sessionHash = sessionHashOf(launchId);
    if (fields.length !== 4 || sessionHash === undefined) return undefined;
    const given = Buffer.from(seal);
    const expected = Buffer.from(this.seal(fields, sessionHash));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return Date.now() < Number.parseInt(expires, 36) ? { launchId, fileId, sha256 } : undefined;
  }

  private seal(fields: readonly string[], sessionHash: string): string {
    return createHmac('sha256', this.key)
      .update(['media', ...fields, sessionHash].join('.'))
      .digest('base64url');
  }
}

/** The answer to OPEN_MEDIA for a file that the launch may read. */
export function mintMediaTicket(
  { mediaTickets, config }: Context,
  { launch, file }: { launch: LaunchRow; file: FileRow },
): Results['HANABI_OPEN_MEDIA'] {
  const ticket = mediaTickets.sign(launch, file, Date.now() + LIMITS.media_ticket_ms);
  const origin = config.module_origin?.replace('{id}', launch.module_id) ?? '';
  const { name, mime_type, size_bytes } = file;
  const expires_in = Math.floor(LIMITS.media_ticket_ms / 1000);
  return { url: `${origin}/runtime/media/${ticket}`, name, mime_type, size_bytes, expires_in };
}

/** The launch and the file of a ticket that is good now, or HANABI-F011. */
export async function redeemMediaTicket(
  context: Context,
  ticket: string,
): Promise<{ launch: LaunchRow; file: FileRow }> {
  await context.launches.seek({ id: ticket.split('.')[0]! });
  const named = context.mediaTickets.read(ticket, (launchId) => context.launches.find(launchId)?.session_hash);
  const launch = named && context.launches.find(named.launchId);
  const module = launch && context.registry.find(launch.module_id, launch.user_id);
  if (!launch || module?.version !== launch.module_version) throw new HanabiError('HANABI-F011');
  const user = await context.sessions.withHash(launch.session_hash);
  if (!user) throw new HanabiError('HANABI-F011');
  const rights = await context.registry.rights(module, user.id);
  const file = await stillReadable(context, named.fileId, { user, module, launch, rights });
  // The window may have been closed while that was looked up.
  const stillOpen = context.launches.find(launch.id) === launch;
  if (!stillOpen || file.sha256 !== named.sha256) throw new HanabiError('HANABI-F011');
  return { launch, file };
}

/** The three checks of OPEN_MEDIA, once more. Which of them failed is no longer the business of whoever asks. */
async function stillReadable(context: Context, fileId: string, caller: Caller): Promise<FileRow> {
  const row = CAPABILITIES.HANABI_OPEN_MEDIA;
  try {
    checkAccess(row, { fileId }, caller.rights);
    return (await resolveScope(context, row, { fileId }, caller))['file'] as FileRow;
  } catch (cause) {
    if (cause instanceof HanabiError && cause.http < 500) throw new HanabiError('HANABI-F011', undefined, { cause });
    throw cause;
  }
}

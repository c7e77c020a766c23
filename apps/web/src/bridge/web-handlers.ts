/**
 * The capabilities that the shell answers itself. One line a type; a missing or a surplus one does not compile.
 */
import { HanabiError, type Launch, LIMITS, type Payloads, type Results, type WebCapability } from '@hanabi/protocol';
import type { HostServices } from './host-services.ts';

interface WebCall<T extends WebCapability> {
  payload: Payloads[T];
  launch: Launch;
  services: HostServices;
  /** Small facts that live as long as the launch. */
  iconUrl: string | null;
  ondropsenabled: (dragging: boolean) => void;
  noticeTimes: number[];
}

type WebHandlers = { [T in WebCapability]: (call: WebCall<T>) => Results[T] | Promise<Results[T]> };

export const webHandlers: WebHandlers = {
  HANABI_READY: ({ launch }) => launch.context,
  HANABI_GET_CONTEXT: ({ launch }) => launch.context,
  HANABI_ENABLE_FILE_DROP: enableFileDrop,
  HANABI_OPEN_FOLDER: openFolder,
  HANABI_NOTIFY: notify,
  HANABI_SET_BADGE: setBadge,
};

function enableFileDrop(call: WebCall<'HANABI_ENABLE_FILE_DROP'>): Results['HANABI_ENABLE_FILE_DROP'] {
  const hasInput = call.launch.context.folders.some(({ role }) => role === 'input');
  if (!hasInput) throw new HanabiError('HANABI-F003', 'input', { role: 'input' });
  call.ondropsenabled(call.payload.dragging === true);
  return { ok: true };
}

function openFolder({ payload, launch, services }: WebCall<'HANABI_OPEN_FOLDER'>): Results['HANABI_OPEN_FOLDER'] {
  const role = payload.folderRole ?? 'output';
  const folder = launch.context.folders.find((candidate) => candidate.role === role);
  if (!folder) throw new HanabiError('HANABI-F003', role, { role });
  services.openFolder(folder.id);
  return { path: folder.path, role };
}

function setBadge({ payload, launch, services }: WebCall<'HANABI_SET_BADGE'>): Results['HANABI_SET_BADGE'] {
  const count = Math.max(0, payload.count);
  services.setBadge(launch.context.id, count);
  return { ok: true, count };
}

const NOTICE_WINDOW_MS = 10_000;

function notify(call: WebCall<'HANABI_NOTIFY'>): Results['HANABI_NOTIFY'] {
  const { payload, launch, services, iconUrl, noticeTimes } = call;
  const now = performance.now();
  while (noticeTimes.length > 0 && noticeTimes[0]! < now - NOTICE_WINDOW_MS) noticeTimes.shift();
  if (noticeTimes.length >= LIMITS.notifications_per_10s_max) {
    throw new HanabiError('HANABI-Q002', `${LIMITS.notifications_per_10s_max} notifications in ten seconds`);
  }
  noticeTimes.push(now);
  const { id, name } = launch.context;
  services.notify({
    moduleId: id,
    moduleName: name,
    iconUrl,
    title: clamp(payload.title ?? '', LIMITS.notification_title_chars_max) || name,
    message: clamp(payload.message, LIMITS.notification_message_chars_max),
    tone: payload.tone ?? 'info',
  });
  return { ok: true };
}

/** One line of plain text of at most `charsMax` characters. */
function clamp(text: string, charsMax: number): string {
  const line = text
    .slice(0, charsMax * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length > charsMax ? `${characters.slice(0, charsMax - 1).join('')}…` : line;
}

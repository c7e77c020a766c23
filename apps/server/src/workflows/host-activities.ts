/** Activities that the server does itself: capabilities of the module, with the same checks as for its page. */
import {
  CAPABILITIES,
  capabilityRow,
  checkAccess,
  HanabiError,
  isCapabilityType,
  LIMITS,
  type Rights,
  type ServerCapability,
} from '@hanabi/protocol';
import { type Payload, payloadOf, valueOf } from '@hanabi/sandbox';
import { Attempts } from '../accounts/attempts.ts';
import type { Context } from '../context.ts';
import { answerCaller, drain } from '../http/answer-capability.ts';
import { compile } from '../http/validate.ts';
import type { RunRow } from './history.ts';
import { runnableModule } from './runnable.ts';

interface HostActivity {
  /** As the workflow names it. */
  readonly type: string;
  readonly input: readonly Payload[];
  readonly run: Pick<RunRow, 'run_id' | 'user_id' | 'module_id'>;
  readonly signal: AbortSignal;
}

/** The result of a host activity, as a payload. Fails as the capability does, with HANABI-V003 where there is none such. */
export type HostActivities = (activity: HostActivity) => Promise<Payload>;

/** As for windows of modules, which count on the desktop. */
const NOTICES_MS = 10_000;
const NOTICED_MAX = 10_000;

export function hostActivities(context: Context): HostActivities {
  const rate = new Attempts(NOTICES_MS, NOTICED_MAX, 'HANABI-Q002');
  return async ({ type, input, run, signal }) => {
    const { module, user, rights } = await runnableModule(context, run);
    if (type === 'HANABI_NOTIFY') {
      const { title = '', message, tone = 'info' } = noticeOf(objectOf(input[0]), rights);
      rate.count([[`${user.id} ${module.id}`, LIMITS.notifications_per_10s_max]]);
      await context.notices.add(user.id, { module_id: module.id, title, message, tone });
      context.live.notified(user.id);
      return payloadOf({ ok: true });
    }
    if (!isOffered(type)) {
      throw new HanabiError('HANABI-V003', `${type.slice(0, 64)}, among those that workflows may ask for`);
    }
    const launch = { ...NO_WINDOW, user_id: user.id, module_id: module.id, module_version: module.version };
    const asked = { requestId: run.run_id, body: objectOf(input[0]), upload: undefined, signal, holdFile };
    const answer = await answerCaller(context, { user, module, launch, rights }, type, asked);
    return payloadOf(answer.kind === 'data' ? answer.data : await drain(answer.events));
  };
}

const checkNotice = compile(CAPABILITIES.HANABI_NOTIFY.payload, 'HANABI-V002');

function noticeOf(body: Record<string, unknown>, rights: Rights) {
  checkAccess(CAPABILITIES.HANABI_NOTIFY, body, rights);
  const { title, message, tone } = checkNotice(body);
  const { notification_title_chars_max: title_max, notification_message_chars_max: message_max } = LIMITS;
  return { title: title?.slice(0, title_max), message: message.slice(0, message_max), tone };
}

/** A workflow has no window: nothing was opened with it, and nobody else can name it. */
const NO_WINDOW = { id: '', ticket: '', session_hash: '', opened_file_id: null, action: null, created_at: '' };

function isOffered(type: string): type is ServerCapability {
  return isCapabilityType(type) && CAPABILITIES[type].home === 'server' && capabilityRow(type).windowless === true;
}

/** What these answer holds no contents of files. */
async function holdFile(): Promise<void> {}

function objectOf(payload: Payload | undefined): Record<string, unknown> {
  const value = payload === undefined ? {} : valueOf(payload);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new HanabiError('HANABI-V002', 'the argument of such an activity is an object');
}

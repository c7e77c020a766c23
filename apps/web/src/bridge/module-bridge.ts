/**
 * The bridge: takes the messages of module frames, runs the checks, does the work or has the server do it, and
 * replies. One listener serves all windows; whom a message is from is decided by `event.source` alone, because a
 * module's origin is always "null" and anybody can write any rid.
 */
import {
  ALIVE,
  base64BytesChecked,
  type CapabilityRow,
  capabilityRow,
  type CapabilityType,
  checkAccess,
  checkExtent,
  CAPABILITIES,
  type ErrorBody,
  EVENTS_TAKEN,
  type FileRef,
  HanabiError,
  isCapabilityType,
  type Launch,
  type ModuleSummary,
  parseEnvelope,
  type Payloads,
  type Permission,
  PING,
  PROTOCOL_VERSION,
  replyAddress,
  type RequestEnvelope,
  type Rights,
  type WebCapability,
} from '@hanabi/protocol';
import * as z from 'zod';
import { api } from '../api/client.ts';
import { withCopy } from '../api/settings-copy.ts';
import { AnswerWatch } from './answer-watch.ts';
import type { BridgeTap } from './bridge-tap.ts';
import { announceDataChanged, type DataChange, onDataChanged } from './data-changes.ts';
import type { HostServices } from './host-services.ts';
import { MessageGate } from './message-gate.ts';
import { onRightsChanged } from './rights-changes.ts';
import { ServerRequests } from './server-requests.ts';
import { webHandlers } from './web-handlers.ts';

// The shell's CSP forbids eval; without this zod would probe for it and raise a violation.
z.config({ jitless: true });

/** Live launches by the window of their frame. A window that is not in here is nobody. */
const live = new Map<MessageEventSource, ModuleBridge>();
let listening = false;

function onMessage(event: MessageEvent): void {
  // A removed frame has a null source, and null === null would pass a careless comparison.
  const bridge = event.source ? live.get(event.source) : undefined;
  if (bridge) bridge.receive(event, bridge.replyToFrame);
}

export interface ModuleBridgeOptions {
  launch: Launch;
  iconUrl: string | null;
  services: HostServices;
  /** Left out: nobody debugs. */
  tap?: BridgeTap | undefined;
  /** The page wants to hear of files that are dropped onto its window; or it sees some being dragged over itself. */
  ondropsenabled: (dragging: boolean) => void;
  /** Whether the person sees the window: a page is asked whether it still answers while they do. */
  isSeen: () => boolean;
  /** The page has stopped answering, or answers again. */
  onsilent: (silent: boolean) => void;
  /** Called once, when the bridge ends by itself: the frame navigated, or the module flooded it. */
  onended: (error: HanabiError) => void;
}

type Reply = (message: Record<string, unknown>, transfer?: Transferable[]) => void;

export class ModuleBridge {
  private readonly options: ModuleBridgeOptions;
  private readonly frame: Window;
  private readonly tap: BridgeTap | undefined;
  private rights: Rights;
  private readonly gate = new MessageGate<{ event: MessageEvent; reply: Reply }>(
    ({ event, reply }) => this.read(event, reply),
    (reason) => this.endWith(new HanabiError('HANABI-Q002', reason)),
  );
  private readonly ended = new AbortController();
  private readonly stopHearing: readonly (() => void)[];
  private readonly noticeTimes: number[] = [];
  private readonly requests: ServerRequests;
  private picking = false;
  /** What the person has not said yes to since this window was opened. */
  private readonly asked = new Set<Permission>();
  private loads = 0;
  private port: MessagePort | undefined;
  private readonly watch: AnswerWatch;

  constructor(frame: Window, options: ModuleBridgeOptions) {
    this.options = options;
    this.frame = frame;
    this.tap = options.tap;
    const { launch, isSeen, onsilent } = options;
    this.watch = new AnswerWatch({ isSeen, onsilent, ask: () => this.ping() });
    this.requests = new ServerRequests({
      launchId: launch.id,
      signal: this.ended.signal,
      onpassed: (rid) => this.tap?.passedOn?.(rid),
      onfileschanged: () => options.services.filesChanged(),
    });
    this.rights = { declared: new Set(launch.declared), granted: new Set(launch.context.permissions) };
    live.set(frame, this);
    this.stopHearing = [onDataChanged(this.dataChanged), onRightsChanged(this.rightsChanged)];
    if (!listening) {
      addEventListener('message', onMessage);
      listening = true;
    }
    this.tap?.begins(launch, (event) => this.sendEvent(event));
  }

  /** The frame loaded a document. The first one is ours; after any other the module has left its page. */
  frameLoaded(): void {
    this.loads += 1;
    this.watch.loaded();
    if (this.loads > 1) this.endWith(new HanabiError('HANABI-M005'));
  }

  /** The page takes keys that are meant for the desktop. */
  focusTaken(): void {
    this.endWith(new HanabiError('HANABI-M018'));
  }

  /** The person waits for a page that does not answer. */
  wait(): void {
    this.watch.wait();
  }

  private ping(): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has one other end and no origin
    this.port?.postMessage({ v: PROTOCOL_VERSION, type: PING });
  }

  /** Another window of this module stored or deleted a document. Nobody asked, so there is no rid. */
  private readonly dataChanged = ({ moduleId, change, by }: DataChange): void => {
    const { id, context } = this.options.launch;
    if (moduleId !== context.id || by === id || this.tap?.answer || !this.rights.granted.has('data.store')) return;
    this.sendEvent({ type: 'HANABI_DATA_CHANGED', ...change });
  };

  /** What was revoked stops at once, also for what the desktop answers without asking the server. */
  private readonly rightsChanged = (modules: readonly ModuleSummary[]): void => {
    const module = modules.find(({ id }) => id === this.options.launch.context.id);
    const granted = module?.permissions.filter((permission) => permission.granted) ?? [];
    const lost = [...this.rights.granted].find((name) => !granted.some((permission) => permission.name === name));
    this.rights = { declared: this.rights.declared, granted: new Set(granted.map(({ name }) => name)) };
    this.tap?.rightsChanged?.(this.rights.granted);
    // What the browser was told when it loaded the page, it does not take back.
    if (lost?.startsWith('client.')) this.endWith(new HanabiError('HANABI-P002', lost));
    else if (module?.version !== this.options.launch.context.version) void this.endUnlessLive();
  };

  /** Uninstalled, suspended, updated or taken back: the server knows which, and whether the window may stay. */
  private async endUnlessLive(): Promise<void> {
    try {
      await api.checkLaunch(this.options.launch.id);
    } catch (error) {
      if (error instanceof HanabiError && error.code.startsWith('HANABI-M')) this.endWith(error);
    }
  }

  private tellOthers(payload: Record<string, unknown>, answer: unknown): void {
    const { id, version, existed } = answer as { id?: string; version?: number; existed?: boolean };
    if (existed === false) return;
    const { id: by, context } = this.options.launch;
    const change = { collection: String(payload['collection']), id: id ?? String(payload['id']) };
    announceDataChanged({ moduleId: context.id, change: { ...change, version: version ?? null }, by });
  }

  /** Tells the page of files that lie in its input folder now. Nobody asked, so there is no rid. */
  filesDropped(files: FileRef[]): void {
    this.sendEvent({ type: 'HANABI_FILES_DROPPED', files });
  }

  private sendEvent(event: Record<string, unknown>): void {
    this.send(this.port ? (message) => this.port?.postMessage(message) : this.replyToFrame, event);
  }

  /** Ends the bridge and the launch. */
  close(reason: HanabiError | null = null): void {
    if (this.ended.signal.aborted) return;
    this.tap?.ended?.(reason);
    live.delete(this.frame);
    for (const stop of this.stopHearing) stop();
    this.port?.close();
    this.gate.close();
    this.watch.close();
    this.requests.close();
    this.ended.abort();
    // The launch ends with the session anyway, so an unreachable server is no reason to keep a window open.
    api.endLaunch(this.options.launch.id).catch(() => undefined);
  }

  private endWith(error: HanabiError): void {
    if (this.ended.signal.aborted) return;
    this.close(error);
    this.options.onended(error);
  }

  // The opaque origin of a module has no name, so "*" is the only target; the window itself is the address.
  readonly replyToFrame: Reply = (message, transfer = []) => this.frame.postMessage(message, '*', transfer);

  /** Takes one message. Source and rate are known before `event.data` is touched: reading it can cost seconds. */
  receive(event: MessageEvent, reply: Reply): void {
    this.gate.offer({ event, reply });
  }

  private read(event: MessageEvent, reply: Reply): void {
    let data: unknown;
    try {
      for (const port of event.ports) port.close();
      const envelope = this.gate.read(() => {
        data = event.data as unknown;
        return parseEnvelope(data);
      });
      if (this.ended.signal.aborted) return;
      if (envelope.type === EVENTS_TAKEN) this.requests.tookUpTo(envelope.rid, envelope.payload['count']);
      else if (envelope.type === ALIVE) this.heardAlive(envelope.payload['last'] === true);
      else this.take(envelope, reply);
    } catch (cause) {
      const error = errorBody(cause, UNREADABLE);
      this.tap?.unreadable?.(error);
      this.send(reply, { ...replyAddress(data), ok: false, error });
    }
  }

  private heardAlive(last: boolean): void {
    if (last) this.watch.close();
    else this.watch.heard();
  }

  private take(envelope: RequestEnvelope, reply: Reply): void {
    this.tap?.received?.(envelope);
    if (!this.tap?.answer) return void this.answer(envelope, reply);
    this.tap.answer(envelope, {
      event: (event) => this.send(reply, { ...event, rid: envelope.rid }),
      fulfil: (data) => this.fulfil(envelope, reply, data),
      refuse: (error) => this.refuse(envelope, reply, error),
    });
  }

  private async answer(envelope: RequestEnvelope, reply: Reply): Promise<void> {
    try {
      this.fulfil(envelope, reply, await this.handle(envelope, reply));
    } catch (error) {
      this.refuse(envelope, reply, errorBody(error, INTERNAL));
    }
  }

  private fulfil({ type, rid }: RequestEnvelope, reply: Reply, data: unknown): void {
    const transfer = type === 'HANABI_READY' ? this.openPort() : transferable(data);
    this.send(reply, { type: `${type}_RESULT`, rid, ok: true, data }, transfer);
  }

  private refuse({ type, rid }: RequestEnvelope, reply: Reply, error: ErrorBody): void {
    this.send(reply, { type: `${type}_RESULT`, rid, ok: false, error });
  }

  /** Where only the person's yes is missing, they are asked, once as long as the window is open, and the request goes on. */
  private async handle(envelope: RequestEnvelope, reply: Reply): Promise<unknown> {
    try {
      return await this.attempt(envelope, reply);
    } catch (error) {
      const permission = consentMissing(error);
      if (!permission || this.asked.has(permission)) throw error;
      if (!(await this.askConsent(permission))) throw error;
      return this.attempt(envelope, reply);
    }
  }

  private async askConsent(permission: Permission): Promise<boolean> {
    const { launch, services, iconUrl } = this.options;
    const { id: moduleId, name: moduleName } = launch.context;
    const { signal } = this.ended;
    const allowed = await services.askConsent({ moduleId, moduleName, iconUrl, permission, signal });
    // After a no the module may go on asking, but not the person.
    if (!allowed) this.asked.add(permission);
    else this.rights = { ...this.rights, granted: new Set([...this.rights.granted, permission]) };
    return allowed;
  }

  private async attempt({ type, rid, payload }: RequestEnvelope, reply: Reply): Promise<unknown> {
    if (!isCapabilityType(type)) throw new HanabiError('HANABI-V003', type);
    const row = capabilityRow(type);
    checkAccess(row, payload, this.rights);
    if (typeof payload['bytesB64'] === 'string') base64BytesChecked(payload['bytesB64']);
    const data = parsePayload(row, payload);
    const askServer = () =>
      this.requests.ask({ type, rid, payload: data }, (event) => this.send(reply, { ...event, rid }));
    if (isWebCapability(type)) return this.answerHere(type, data);
    if (type === 'HANABI_PICK_FILE' && data['scope'] === 'user') return this.pickUserFile(data);
    if (type === 'HANABI_GET_SETTING' || type === 'HANABI_SET_SETTING') {
      const wanted = {
        moduleId: this.options.launch.context.id,
        key: String(data['key']),
        reads: type === 'HANABI_GET_SETTING',
      };
      return withCopy(wanted, askServer);
    }
    const answer = await askServer();
    if (row.changes === 'data') this.tellOthers(data, answer);
    if (type === 'HANABI_SEND_TO_MODULE')
      await this.options.services.openModule(String(data['moduleId']), String(data['fileId']));
    return answer;
  }

  private answerHere<T extends WebCapability>(type: T, payload: Payloads[T]): unknown {
    const { launch, services, iconUrl } = this.options;
    const { ondropsenabled } = this.options;
    return webHandlers[type]({ payload, launch, services, iconUrl, ondropsenabled, noticeTimes: this.noticeTimes });
  }

  /**
   * The user picks in the host's own dialog; picking is granting, for this launch and this file. A window asks one
   * question at a time: many would only be answered for the sake of getting rid of them.
   */
  private async pickUserFile({ accepts }: Payloads['HANABI_PICK_FILE']): Promise<unknown> {
    const { launch, services } = this.options;
    if (this.picking) throw new HanabiError('HANABI-Q002', 'the dialog for a file is open already');
    this.picking = true;
    try {
      const { signal } = this.ended;
      const picked = await services.pickUserFile({
        moduleName: launch.context.name,
        ...(accepts && { accepts }),
        signal,
      });
      if (!picked || signal.aborted) return { file: null };
      return { file: await api.pickForLaunch(launch.id, picked.id) };
    } finally {
      this.picking = false;
    }
  }

  /** A port for the SDK, handed over once, with the first answer to READY. Plain clients never notice it. */
  private openPort(): Transferable[] {
    if (this.port || this.ended.signal.aborted) return [];
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.addEventListener('message', (event) =>
      this.receive(event, (message, transfer = []) => port1.postMessage(message, transfer)),
    );
    port1.start();
    return [port2];
  }

  private send(reply: Reply, message: Record<string, unknown>, transfer: Transferable[] = []): void {
    if (this.ended.signal.aborted) return;
    this.tap?.sent?.(message);
    reply({ v: PROTOCOL_VERSION, ...message }, transfer);
  }
}

/** Bytes of an answer go over to the module instead of being copied; a Blob is shared anyway. */
function transferable(data: unknown): Transferable[] {
  const bytes = (data as { bytes?: unknown } | null)?.bytes;
  return bytes instanceof ArrayBuffer ? [bytes] : [];
}

function isWebCapability(type: CapabilityType): type is WebCapability {
  return CAPABILITIES[type].home === 'web';
}

function parsePayload(row: CapabilityRow, payload: Record<string, unknown>): Record<string, unknown> {
  checkExtent(payload, 'HANABI-V002');
  const parsed = row.payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new HanabiError('HANABI-V002', describe(parsed.error));
}

function describe(error: z.ZodError): string {
  const issue = error.issues[0]!;
  const place = issue.path.map(String).join('.');
  return place ? `"${place}": ${issue.message}` : issue.message;
}

/** The permission that a refusal wants the consent of the user for, whoever refused. */
function consentMissing(error: unknown): Permission | undefined {
  return error instanceof HanabiError && error.code === 'HANABI-P003' ? error.permission : undefined;
}

const UNREADABLE = new HanabiError('HANABI-V001', 'the message could not be read');
const INTERNAL = new HanabiError('HANABI-V009', 'the desktop itself failed; its console says how');

function errorBody(error: unknown, otherwise: HanabiError): ErrorBody {
  if (error instanceof HanabiError) return error.toBody();
  console.error('bridge:', error);
  return otherwise.toBody();
}

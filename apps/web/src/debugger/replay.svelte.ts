/**
 * Answers a page with what a recording says the host answered, in the same order, and finds the first thing that the page
 * does otherwise. Nothing is asked of the server, and nothing is done.
 *
 * The recording is walked through from its beginning. Where it goes on with something of the host, that is sent. Where it
 * goes on with requests, the page is waited for; those between two messages of the host may come in any order, because the
 * page could not know.
 */
import {
  CAPABILITIES,
  checkAccess,
  checkBehind,
  HanabiError,
  type HanabiEvent,
  isCapabilityType,
  type Launch,
  type Permission,
  type RecordedReply,
  type RecordedRequest,
  type Recording,
  type RequestEnvelope,
} from '@hanabi/protocol';
import type { AnswerWays, BridgeTap } from '../bridge/bridge-tap.ts';
import { type Json, keepFields } from './kept-value.ts';
import { comparable, standIn } from './stand-ins.ts';

/** The first thing that was not as recorded. */
export type Difference =
  /** Another request than any that was due. */
  | { kind: 'other'; recorded: string; now: string }
  /** A request after everything that was recorded. */
  | { kind: 'surplus'; now: string }
  /** A request that never came. */
  | { kind: 'missing'; recorded: string }
  /** The same request, but the manifest lists another right for it. */
  | { kind: 'declared'; type: string; permission: Permission; nowDeclared: boolean };

export type ReplayState =
  | { kind: 'opening' }
  /** For one of these. */
  | { kind: 'waiting'; types: string[] }
  | { kind: 'same' }
  | { kind: 'different'; difference: Difference };

interface Due {
  request: RecordedRequest;
  ways: AnswerWays | null;
}

export class Replay implements BridgeTap {
  readonly recording: Recording;
  /** Requests in it, and those that came as recorded. */
  readonly requests: number;
  came = $state(0);
  state = $state.raw<ReplayState>({ kind: 'opening' });
  /** The page was handed zeros for a content, or a word for a secret. */
  stoodIn = $state(false);
  #declared: ReadonlySet<Permission> = new Set();
  #sendEvent: (event: Record<string, unknown>) => void = () => undefined;
  #at = 0;
  /** Every request of the recording, by its place in it. */
  #due = new Map<number, Due>();
  /** Of requests that came, by their recorded rid. */
  readonly #answers = new Map<string, AnswerWays>();
  /** Hashes of contents take a moment, and requests have to be looked at in their order. */
  #turn: Promise<void> = Promise.resolve();

  constructor(recording: Recording) {
    if (recording.dropped > 0) throw new HanabiError('HANABI-M016', 'its beginning was cleared, or had no room');
    this.recording = recording;
    this.requests = recording.entries.filter(({ kind }) => kind === 'request').length;
  }

  begins(launch: Launch, sendEvent: (event: Record<string, unknown>) => void): void {
    this.#declared = new Set(launch.declared);
    this.#sendEvent = sendEvent;
    this.#at = 0;
    this.#answers.clear();
    this.#due = new Map(
      this.recording.entries.flatMap((entry, place) =>
        entry.kind === 'request' ? [[place, { request: entry, ways: null }]] : [],
      ),
    );
    this.came = 0;
    this.stoodIn = false;
    this.#goOn();
  }

  answer(envelope: RequestEnvelope, ways: AnswerWays): void {
    const { value, hashed } = keepFields(envelope.payload);
    this.#turn = Promise.all([this.#turn, hashed]).then(() => this.#take(envelope.type, value, ways));
  }

  /** What has not come by now never will. */
  ended(): void {
    const [next] = this.#awaited();
    if (this.state.kind === 'waiting' && next) {
      const { type, payload } = next[1].request;
      this.#differs({ kind: 'missing', recorded: this.#text(type, payload) });
    }
  }

  #take(type: string, payload: Record<string, Json>, ways: AnswerWays): void {
    if (this.state.kind === 'different') return ways.refuse(new HanabiError('HANABI-M015').toBody());
    const now = this.#text(type, payload);
    const awaited = this.#awaited();
    const found = awaited.find(([, { request }]) => this.#textOf(request) === now);
    if (!found) {
      // Of several that were due, the one of the same type tells most.
      const [, nearest] = awaited.find(([, { request }]) => request.type === type) ?? awaited[0] ?? [];
      this.#differs(
        nearest ? { kind: 'other', recorded: this.#textOf(nearest.request), now } : { kind: 'surplus', now },
      );
      return ways.refuse(new HanabiError('HANABI-M015').toBody());
    }
    const [, due] = found;
    due.ways = ways;
    this.came += 1;
    this.#answers.set(due.request.rid, ways);
    const permission = this.#declaredOtherwise(due.request);
    if (permission) {
      const nowDeclared = this.#declared.has(permission);
      this.#differs({ kind: 'declared', type, permission, nowDeclared });
      return ways.refuse(new HanabiError('HANABI-M015').toBody());
    }
    this.#goOn();
  }

  /** Requests that may come now: those up to the next message of the host. */
  #awaited(): [number, Due][] {
    const { entries } = this.recording;
    let end = this.#at;
    while (end < entries.length && isOfPage(entries[end]!.kind)) end += 1;
    return [...this.#due].filter(([place, { ways }]) => place >= this.#at && place < end && ways === null);
  }

  /** Sends what the host said, up to the next request that has not come. */
  #goOn(): void {
    const { entries } = this.recording;
    for (; this.#at < entries.length; this.#at += 1) {
      const entry = entries[this.#at]!;
      if (entry.kind === 'request' && !this.#due.get(this.#at)!.ways) break;
      if (entry.kind === 'reply') this.#reply(entry);
      if (entry.kind === 'event') {
        const event = { ...(this.#made(entry.payload) as object), type: entry.type };
        if (entry.rid === null) this.#sendEvent(event);
        else this.#answers.get(entry.rid)?.event(event as HanabiEvent);
      }
    }
    const types = this.#awaited().map(([, { request }]) => request.type);
    this.state = types.length > 0 ? { kind: 'waiting', types } : { kind: 'same' };
  }

  #reply({ rid, data, error }: RecordedReply): void {
    const ways = this.#answers.get(rid ?? '');
    if (error) ways?.refuse(error);
    else ways?.fulfil(this.#made(data as Json));
  }

  #made(kept: Json): unknown {
    const { value, stands } = standIn(kept);
    this.stoodIn ||= stands;
    return value;
  }

  /** The permission by which the first check would decide otherwise than it did then. */
  #declaredOtherwise({ type, rid, payload }: RecordedRequest): Permission | undefined {
    if (!isCapabilityType(type)) return undefined;
    const reply = this.recording.entries.find((entry) => entry.kind === 'reply' && entry.rid === rid) as
      | RecordedReply
      | undefined;
    const { code, permission } = reply?.error ?? {};
    const lacked = code && checkBehind(code) !== 'granted' ? permission : undefined;
    if (lacked) return this.#declared.has(lacked) ? lacked : undefined;
    if (reply?.error) return undefined;
    try {
      // Whether it is granted is for the person to say, and not what the draft is about.
      checkAccess(CAPABILITIES[type], payload, { declared: this.#declared, granted: this.#declared });
      return undefined;
    } catch (refusal) {
      return refusal instanceof HanabiError ? refusal.permission : undefined;
    }
  }

  #differs(difference: Difference): void {
    this.state = { kind: 'different', difference };
  }

  #textOf({ type, payload }: RecordedRequest): string {
    return this.#text(type, payload);
  }

  #text(type: string, payload: Record<string, Json>): string {
    return JSON.stringify({ type, ...(comparable(payload, !this.stoodIn) as object) }, null, 2);
  }
}

/** What is neither sent by the host nor heard by the page holds nobody up. */
function isOfPage(kind: Recording['entries'][number]['kind']): boolean {
  return kind !== 'reply' && kind !== 'event';
}

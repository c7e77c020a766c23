/** The live channels of this server, and the one place where the rest of it says that something has changed. */
import { HanabiError, LIMITS, type LiveEvent, type LivePayloads } from '@hanabi/protocol';
import type { BusMessage, LiveBus } from './bus.ts';
import { Spaced } from './spaced.ts';

/** A channel, as far as this file needs one. */
export interface LiveListener {
  readonly user_id: string;
  readonly token_hash: string;
  tell(event: LiveEvent): void;
  sessionEnded(): void;
  /** Says that the server is there, and gives up on a desktop that has been silent for too long. */
  beat(): void;
  restarting(): void;
}

type JobNews = LivePayloads['job'];

export class Live {
  private readonly bus: LiveBus;
  private readonly byUser = new Map<string, Set<LiveListener>>();
  private readonly progress = new Spaced(LIMITS.live_progress_interval_ms);
  private readonly files = new Spaced(LIMITS.live_files_interval_ms);
  private readonly services = new Spaced(LIMITS.live_services_interval_ms);
  private readonly workflows = new Spaced(LIMITS.live_workflows_interval_ms);
  private readonly unsubscribe: () => void;
  private readonly timer: NodeJS.Timeout;

  constructor(bus: LiveBus, isLive: (tokenHash: string) => Promise<boolean>) {
    this.bus = bus;
    this.unsubscribe = bus.subscribe((message) => this.take(message));
    this.timer = setInterval(() => void this.round(isLive), LIMITS.live_beat_ms).unref();
  }

  /** Returns what takes the channel off the list. */
  attach(listener: LiveListener): () => void {
    const { user_id } = listener;
    const all = this.byUser.get(user_id) ?? new Set();
    this.byUser.set(user_id, all.add(listener));
    return () => {
      all.delete(listener);
      if (all.size === 0 && this.byUser.get(user_id) === all) this.byUser.delete(user_id);
    };
  }

  /** HANABI-Q002 when the session has as many channels as it may have. */
  requireRoom(userId: string, tokenHash: string): void {
    const most = LIMITS.live_channels_per_session_max;
    const open = [...(this.byUser.get(userId) ?? [])].filter(({ token_hash }) => token_hash === tokenHash);
    if (open.length >= most) throw new HanabiError('HANABI-Q002', `${most} desktops of one session are open`);
  }

  /** A job was accepted, began or ended. */
  jobChanged(user_id: string, news: JobNews): void {
    this.progress.forget(news.id);
    this.publish(user_id, { topic: 'job', ...news });
  }

  /** A job moved on; only now and then worth a message. */
  jobMoved(user_id: string, news: JobNews): void {
    this.progress.offer(news.id, () => this.publish(user_id, { topic: 'job', ...news }));
  }

  schedulesChanged(user_id: string): void {
    this.publish(user_id, { topic: 'schedules' });
  }

  /** Many a minute from each service, of which the newest is enough. */
  serviceChanged(user_id: string, news: LivePayloads['service']): void {
    const key = `${user_id} ${news.module_id} ${news.what}`;
    this.services.offer(key, () => this.publish(user_id, { topic: 'service', ...news }));
  }

  /** Many a second from one that is busy, of which the newest is enough. */
  workflowChanged(user_id: string, news: LivePayloads['workflow']): void {
    this.workflows.offer(news.run_id, () => this.publish(user_id, { topic: 'workflow', ...news }));
  }

  notified(user_id: string): void {
    this.publish(user_id, { topic: 'notice' });
  }

  dataChanged(user_id: string, change: LivePayloads['data']): void {
    this.publish(user_id, { topic: 'data', ...change });
  }

  filesChanged(user_id: string): void {
    this.files.offer(user_id, () => this.publish(user_id, { topic: 'files' }));
  }

  desktopChanged(user_id: string): void {
    this.publish(user_id, { topic: 'desktop' });
  }

  preferencesChanged(user_id: string): void {
    this.publish(user_id, { topic: 'preferences' });
  }

  rightsChanged(): void {
    this.publish(null, { topic: 'rights' });
  }

  /** Another process has changed something, of which only that is known. */
  lookAgain(): void {
    this.publish(null, { topic: 'missed' });
  }

  sessionEnded(token_hash: string): void {
    this.bus.publish({ kind: 'session-ended', token_hash });
  }

  /** Tells every desktop that the server will be back. */
  close(): void {
    clearInterval(this.timer);
    this.unsubscribe();
    this.progress.close();
    this.files.close();
    this.services.close();
    this.workflows.close();
    for (const listener of this.everybody()) listener.restarting();
  }

  private publish(user_id: string | null, event: LiveEvent): void {
    this.bus.publish({ kind: 'event', user_id, event });
  }

  private take(message: BusMessage): void {
    if (message.kind === 'session-ended') {
      for (const listener of this.everybody()) {
        if (listener.token_hash === message.token_hash) listener.sessionEnded();
      }
    } else if (message.kind === 'gap') {
      for (const listener of this.everybody()) listener.tell({ topic: 'missed' });
    } else {
      const { user_id, event } = message;
      for (const listener of user_id === null ? this.everybody() : (this.byUser.get(user_id) ?? [])) {
        listener.tell(event);
      }
    }
  }

  /** A copy: a channel that closes takes itself off while others are being told. */
  private everybody(): LiveListener[] {
    return [...this.byUser.values()].flatMap((all) => [...all]);
  }

  /** A session may have run out, or have been ended by another process that could tell nobody. */
  private async round(isLive: (tokenHash: string) => Promise<boolean>): Promise<void> {
    const all = this.everybody();
    for (const listener of all) listener.beat();
    for (const hash of new Set(all.map(({ token_hash }) => token_hash))) {
      // A database that cannot be asked now is no reason to throw anybody out; each call asks again anyway.
      if (await isLive(hash).catch(() => true)) continue;
      for (const listener of all) if (listener.token_hash === hash) listener.sessionEnded();
    }
  }
}

/**
 * What the servers of one PostgreSQL database tell each other. A signal may get lost with the server that sent it or the
 * connection that it came by, so it only makes something happen sooner or forgets what is kept in memory: nothing that
 * must be so depends on one alone. With SQLite there is nobody else to tell.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import { Client } from 'pg';
import { newId } from '../ids.ts';
import { isSqlite } from './clock.ts';
import type { Db } from './db.ts';
import { postgresSettings } from './postgres.ts';

/** There is something to take · a launch has ended · modules or what they may do have changed · so have accounts · services are wanted, let go or to tick · a message of LiveBus · a run of a workflow has changed. */
export type Topic = 'jobs' | 'launch-ended' | 'modules' | 'accounts' | 'services' | 'live' | 'workflows';

/** `about`: an id or a message; undefined: signals may have been missed, and whatever was learned from them may be wrong. */
type Listener = (about: string | undefined) => void;

const CHANNEL = 'hanabi';
const RECONNECT_MS = 500;
const CHECK_MS = 10_000;

export class Signals {
  private readonly db: Db;
  private readonly url: string | undefined;
  private readonly log: Logger;
  private readonly sender = newId();
  private readonly listeners = new Map<Topic, Set<Listener>>();
  private waiting: string[] = [];
  private sending: Promise<void> | undefined;
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(db: Db, url: string | undefined, log: Logger) {
    this.db = db;
    this.url = url;
    this.log = log;
  }

  /** Listening when it settles. */
  static async open(db: Db, url: string | undefined, log: Logger): Promise<Signals> {
    const signals = new Signals(db, url, log);
    if (url) await signals.connect(url);
    return signals;
  }

  on(topic: Topic, listener: Listener): void {
    const known = this.listeners.get(topic);
    if (known) known.add(listener);
    else this.listeners.set(topic, new Set([listener]));
  }

  /** Soon, in the order of telling; what says nothing new is left out. */
  tell(topic: Topic, about = ''): void {
    if (!this.url || this.closed) return;
    const message = `${this.sender} ${topic} ${about}`;
    if (about === '' && this.waiting.includes(message)) return;
    this.waiting.push(message);
    this.sending ??= this.send()
      .catch((error: unknown) => this.log.warn({ err: error }, 'the other servers could not be told'))
      .finally(() => {
        this.sending = undefined;
      });
  }

  async close(): Promise<void> {
    await this.sending;
    this.closed = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const messages = this.waiting;
      this.waiting = [];
      // A statement of its own: in the transaction that it is about, it would make all those wait for each other.
      for (const message of messages) await notify(this.db, message);
    }
  }

  private async connect(url: string): Promise<void> {
    const client = new Client(postgresSettings(url));
    client.on('notification', ({ payload = '' }) => this.hear(payload));
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.client = client;
    this.timer = setTimeout(() => void this.check(client), CHECK_MS).unref();
  }

  /** A connection that was cut without a word says nothing, for ever. */
  private async check(client: Client): Promise<void> {
    const late = setTimeout(() => this.lost(client), CHECK_MS);
    try {
      await client.query('select 1');
      if (this.client === client) this.timer = setTimeout(() => void this.check(client), CHECK_MS).unref();
    } catch {
      this.lost(client);
    } finally {
      clearTimeout(late);
    }
  }

  private lost(client: Client): void {
    if (this.closed || this.client !== client) return;
    this.client = undefined;
    clearTimeout(this.timer);
    client.end().catch(() => undefined);
    void this.reconnect();
  }

  private async reconnect(): Promise<void> {
    this.log.warn('the database tells nothing any more; connecting again');
    while (!this.closed) {
      try {
        await this.connect(this.url!);
        for (const topic of this.listeners.keys()) this.emit(topic, undefined);
        return;
      } catch {
        await new Promise((resolve) => {
          this.timer = setTimeout(resolve, RECONNECT_MS).unref();
        });
      }
    }
  }

  private hear(message: string): void {
    const [, sender, topic, about = ''] = /^(\S+) (\S+) (.*)$/s.exec(message) ?? [];
    if (sender !== this.sender) this.emit(topic as Topic, about);
  }

  private emit(topic: Topic, about: string | undefined): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(about);
  }
}

/** For a command that ends at once: tells the servers of the database, where there can be several. */
export async function tellServers(db: Db, topic: Topic, about = ''): Promise<void> {
  if (!isSqlite(db)) await notify(db, `- ${topic} ${about}`);
}

async function notify(db: Db, message: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${message})`.execute(db);
}

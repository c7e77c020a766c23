/**
 * Asks the person whether a module may do something. One question at a time, however many modules ask: who has to click
 * many away stops reading them. A question that stands already is not asked twice, and whatever ends it without a plain
 * yes, its module going away included, is a no.
 */
import type { ConnectorKind, HanabiError, Permission } from '@hanabi/protocol';
import { type GrantsApi, grantsApi } from '../api/grants.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export interface ConsentWish {
  module: { id: string; name: string; iconUrl: string | null; connectors: readonly ConnectorKind[] };
  wanted: readonly { permission: Permission; reason: string | null }[];
  /** The module went away. */
  signal?: AbortSignal;
}

/** later: asked again the next time that the module is opened. */
export type ConsentAnswer = 'allow' | 'refuse' | 'later';

export class ConsentQuestion {
  readonly module: ConsentWish['module'];
  readonly wanted: ConsentWish['wanted'];
  readonly key: string;
  readonly answered: Promise<boolean>;
  #resolve!: (allowed: boolean) => void;

  constructor({ module, wanted }: ConsentWish) {
    this.module = module;
    this.wanted = wanted;
    this.key = keyOf({ module, wanted });
    this.answered = new Promise((resolve) => (this.#resolve = resolve));
  }

  end(allowed: boolean): void {
    this.#resolve(allowed);
  }
}

export class Consent {
  readonly #api: Pick<GrantsApi, 'decide'>;
  readonly #tell: (error: HanabiError) => void;
  #waiting = $state.raw<readonly ConsentQuestion[]>([]);
  /** The one that the person is asked now. */
  readonly current = $derived(this.#waiting[0] ?? null);

  /** `tell` hears why an answer could not be kept. */
  constructor(tell: (error: HanabiError) => void, api: Pick<GrantsApi, 'decide'> = grantsApi) {
    this.#api = api;
    this.#tell = tell;
  }

  /** Whether the person has said yes, and the server knows. */
  ask(wish: ConsentWish): Promise<boolean> {
    if (wish.signal?.aborted) return Promise.resolve(false);
    const key = keyOf(wish);
    const standing = this.#waiting.find((question) => question.key === key);
    if (standing) return standing.answered;
    const question = new ConsentQuestion(wish);
    this.#waiting = [...this.#waiting, question];
    wish.signal?.addEventListener('abort', () => this.#end(question, false), { once: true });
    return question.answered;
  }

  async answer(question: ConsentQuestion, answer: ConsentAnswer): Promise<void> {
    if (question !== this.current) return;
    if (answer === 'later') return this.#end(question, false);
    const permissions = question.wanted.map(({ permission }) => permission);
    try {
      await this.#api.decide({ module_id: question.module.id, permissions, decision: answer });
      this.#end(question, answer === 'allow');
    } catch (cause) {
      this.#end(question, false);
      this.#tell(asHanabiError(cause));
    }
  }

  #end(question: ConsentQuestion, allowed: boolean): void {
    this.#waiting = this.#waiting.filter((other) => other !== question);
    question.end(allowed);
  }
}

function keyOf({ module, wanted }: Pick<ConsentWish, 'module' | 'wanted'>): string {
  return [module.id, ...wanted.map(({ permission }) => permission).toSorted()].join(' ');
}

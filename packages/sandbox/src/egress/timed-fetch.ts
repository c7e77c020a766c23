import { HanabiError } from '@hanabi/protocol';
import type { Answer } from './answer.ts';
import { type FetchMeans, type FetchOrder, performFetch } from './fetch.ts';

/** One request with an end: when its time is over, or nobody wants it any more. Throws HanabiErrors only. */
export async function timedFetch(order: FetchOrder, means: FetchMeans): Promise<Answer> {
  const { fetch_timeout_ms } = means.limits;
  const late = AbortSignal.timeout(fetch_timeout_ms);
  try {
    return await performFetch({ ...order, signal: AbortSignal.any([order.signal, late]) }, means);
  } catch (error) {
    if (order.signal.aborted) throw new HanabiError('HANABI-W016');
    if (late.aborted) throw new HanabiError('HANABI-N007', `more than ${fetch_timeout_ms / 1000} s`);
    throw error instanceof HanabiError ? error : new HanabiError('HANABI-N010', undefined, { cause: error });
  }
}

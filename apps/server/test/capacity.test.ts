import { describe, expect, it } from 'vitest';
import { Capacity } from '../src/capacity.ts';

const limits = { total: 10, share: 6, waiting_max: 4, wait_ms_max: 60_000 };

/** Asks in order, and tells in which order they got in. */
function asking(capacity: Capacity) {
  const entered: string[] = [];
  const leave = new Map<string, () => void>();
  return {
    entered,
    leave: (name: string) => leave.get(name)!(),
    ask: (name: string, holder: string, weight: number, signal?: AbortSignal): Promise<void> => {
      const asked = capacity.enter(holder, weight, signal).then((left) => {
        leave.set(name, left);
        entered.push(name);
      });
      // Who still waits when a test ends gives up long after it.
      asked.catch(() => undefined);
      return asked;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a capacity', () => {
  it('is handed out up to its total, and to one holder up to a share', async () => {
    const { ask, entered, leave } = asking(new Capacity(limits));
    void ask('a1', 'a', 6);
    void ask('a2', 'a', 1);
    void ask('b1', 'b', 4);
    void ask('b2', 'b', 1);
    await settled();
    expect(entered).toEqual(['a1', 'b1']);
    leave('a1');
    await settled();
    expect(entered).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('lets nobody starve who wants much, by those who want little', async () => {
    const { ask, entered, leave } = asking(new Capacity(limits));
    void ask('a', 'a', 5);
    void ask('b', 'b', 5);
    void ask('large', 'c', 6);
    void ask('small', 'd', 1);
    await settled();
    expect(entered).toEqual(['a', 'b']);
    leave('a');
    await settled();
    expect(entered).toEqual(['a', 'b']);
    leave('b');
    await settled();
    expect(entered).toEqual(['a', 'b', 'large', 'small']);
  });

  it('gives one who asks for more than a share all of the share', async () => {
    const { ask, entered, leave } = asking(new Capacity(limits));
    void ask('huge', 'a', 1000);
    void ask('other', 'b', 4);
    await settled();
    expect(entered).toEqual(['huge', 'other']);
    leave('huge');
    leave('huge');
    void ask('again', 'a', 6);
    void ask('more', 'c', 1);
    await settled();
    expect(entered).toEqual(['huge', 'other', 'again']);
  });

  it('forgets who gives up, and lets those behind go on', async () => {
    const { ask, entered } = asking(new Capacity(limits));
    const patience = new AbortController();
    void ask('a', 'a', 6);
    const gaveUp = ask('large', 'b', 6, patience.signal);
    void ask('small', 'c', 1);
    await settled();
    expect(entered).toEqual(['a']);
    patience.abort(new Error('gone'));
    await expect(gaveUp).rejects.toThrow('gone');
    expect(entered).toEqual(['a', 'small']);
    await expect(ask('late', 'd', 1, patience.signal)).rejects.toThrow('gone');
  });

  it('refuses when too many wait, and who has waited for too long', async () => {
    const { ask } = asking(new Capacity({ ...limits, wait_ms_max: 1 }));
    void ask('a', 'a', 6);
    void ask('b', 'b', 4);
    const waiting = Array.from({ length: limits.waiting_max }, (_, index) => ask(`w${index}`, 'c', 1));
    await expect(ask('one more', 'd', 1)).rejects.toMatchObject({ code: 'HANABI-Q007' });
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'HANABI-Q007', http: 503 });
  });
});

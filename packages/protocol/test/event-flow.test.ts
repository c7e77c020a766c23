import { LIMITS } from '../src/limits.ts';
import { expect, test } from 'vitest';
import { EventFlow } from '../src/event-flow.ts';

/** Sends until there is no room, and tells how many went out. */
async function fill(flow: EventFlow): Promise<{ sent: number; blocked: Promise<void> }> {
  for (let sent = 1; ; sent += 1) {
    const room = flow.sentOne();
    const open = await Promise.race([room.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);
    if (!open) return { sent, blocked: room };
  }
}

test('only so many events are ahead of what the page has taken', async () => {
  const flow = new EventFlow();
  const first = await fill(flow);
  expect(first.sent).toBe(LIMITS.job_events_ahead_max);
  flow.tookUpTo(16);
  await first.blocked;
  expect((await fill(flow)).sent).toBe(16);
});

test('a page cannot take what was never sent, nor take it back', async () => {
  const flow = new EventFlow();
  const { blocked } = await fill(flow);
  for (const nonsense of [Number.NaN, -1, '9', null, undefined, {}]) flow.tookUpTo(nonsense);
  flow.tookUpTo(Number.POSITIVE_INFINITY);
  await blocked;
  flow.tookUpTo(1);
  expect((await fill(flow)).sent).toBe(LIMITS.job_events_ahead_max);
});

test('nobody waits for a window that is closed', async () => {
  const flow = new EventFlow();
  const { blocked } = await fill(flow);
  flow.close();
  await blocked;
  await flow.sentOne();
});

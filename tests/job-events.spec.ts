/** Events of a job on their way into a page that is slow: the bridge never runs far ahead of one that confirms them. */
import { LIMITS } from '@hanabi/protocol';
import { expect, openModule, signIn, test } from './harness/house.ts';
import { listen } from './harness/probe-client.ts';

test('a page that confirms what it takes is never flooded, and gets all of it in the end', async ({ page, server }) => {
  await signIn(page, server);
  const frame = await openModule(page, 'probe-talkative');
  await listen(frame);
  await frame.evaluate(() => window.raw({ v: 1, type: 'HANABI_CREATE_JOB', rid: 'slow', stream: true, confirm: true }));
  const heard = () => frame.evaluate(() => window.heard.filter(({ type }) => type === 'HANABI_JOB_OUTPUT').length);
  const confirm = (count: number) =>
    frame.evaluate((taken) => window.raw({ v: 1, type: 'HANABI_EVENTS_TAKEN', rid: 'slow', count: taken }), count);
  await expect.poll(heard).toBe(LIMITS.job_events_ahead_max);
  await confirm(10);
  await expect.poll(heard).toBe(LIMITS.job_events_ahead_max + 10);
  // What it was never sent cannot be confirmed, nor what another request was sent.
  await confirm(-5);
  await frame.evaluate(() => window.raw({ v: 1, type: 'HANABI_EVENTS_TAKEN', rid: 'another', count: 999 }));
  await frame.evaluate(() => {
    addEventListener('message', () => {
      const count = window.heard.filter(({ rid, ok }) => rid === 'slow' && ok === undefined).length;
      window.raw({ v: 1, type: 'HANABI_EVENTS_TAKEN', rid: 'slow', count });
    });
    window.raw({ v: 1, type: 'HANABI_EVENTS_TAKEN', rid: 'slow', count: 20 });
  });
  const ended = () => frame.evaluate(() => window.heard.find(({ rid, ok }) => rid === 'slow' && ok !== undefined)?.ok);
  await expect.poll(ended, { timeout: 20_000 }).toBe(true);
  const text = await frame.evaluate(() =>
    window.heard.map((message) => (message as unknown as { chunk?: string }).chunk ?? '').join(''),
  );
  expect(text.trim().split(' ')).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
});

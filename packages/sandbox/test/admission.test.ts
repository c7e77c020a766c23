import { expect, test } from 'vitest';
import { Admission, type Share } from '../src/admission.ts';

const never = new AbortController().signal;

/** Who gets in, in which order, when each who is inside leaves as soon as somebody waits. */
async function orderOf(places: number, asking: Share[]): Promise<string[]> {
  const admission = new Admission(places, 60_000);
  const order: string[] = [];
  const blocker: Share = { owner: 'blocker', module: 'blocker', priority: 0 };
  const blocked = await Promise.all(
    Array.from({ length: places }, (_, index) => admission.enter({ ...blocker, module: `blocker ${index}` }, never)),
  );
  const served = asking.map(async (share) => {
    const leave = await admission.enter(share, never);
    order.push(`${share.owner} ${share.module}`);
    await Promise.resolve();
    leave();
  });
  for (const leave of blocked) leave();
  await Promise.all(served);
  return order;
}

const share = (owner: string, module = 'm', priority = 0): Share => ({ owner, module, priority });

test('users take turns, however much one of them asks for', async () => {
  const asking = [...Array.from({ length: 4 }, () => share('greedy')), share('modest'), share('modest')];
  expect(await orderOf(1, asking)).toEqual(['greedy m', 'modest m', 'greedy m', 'modest m', 'greedy m', 'greedy m']);
});

test('so do the modules of one user', async () => {
  expect(await orderOf(1, [share('u', 'a'), share('u', 'a'), share('u', 'a'), share('u', 'b')])).toEqual([
    'u a',
    'u b',
    'u a',
    'u a',
  ]);
});

test('a higher priority goes first', async () => {
  expect(await orderOf(1, [share('u', 'background'), share('v', 'page', 1)])).toEqual(['v page', 'u background']);
});

test('one module of one user leaves a place for the others', async () => {
  const admission = new Admission(3, 60_000);
  const entered: string[] = [];
  const enter = async (who: Share) => {
    const leave = await admission.enter(who, never);
    entered.push(who.owner);
    return leave;
  };
  const first = await enter(share('greedy'));
  await enter(share('greedy'));
  const third = enter(share('greedy'));
  await enter(share('modest'));
  expect(entered).toEqual(['greedy', 'greedy', 'modest']);
  first();
  await third;
  expect(entered).toEqual(['greedy', 'greedy', 'modest', 'greedy']);
});

test('who waits is told the position whenever it changes', async () => {
  const admission = new Admission(1, 60_000);
  const leave = await admission.enter(share('a'), never);
  const told: Record<string, number[]> = { b: [], c: [] };
  const second = admission.enter(share('b'), never, (position) => told['b']!.push(position));
  const third = admission.enter(share('c'), never, (position) => told['c']!.push(position));
  expect(told).toEqual({ b: [1], c: [2] });
  leave();
  (await second)();
  await third;
  expect(told).toEqual({ b: [1], c: [2, 1] });
});

test('who gives up is forgotten, and who waits too long learns it', async () => {
  const admission = new Admission(1, 20);
  const leave = await admission.enter(share('a'), never);
  const cancel = new AbortController();
  const cancelled = admission.enter(share('b'), cancel.signal);
  const late = admission.enter(share('c'), never);
  cancel.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'HANABI-W016' });
  await expect(late).rejects.toMatchObject({ code: 'HANABI-W011' });
  leave();
  await admission.enter(share('d'), never);
});

/** The calls of connectors as Python makes them, which reads the same file. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONNECTOR_CALLS, HOST_CALLS } from '../src/index.ts';

interface Call {
  python: string;
  method: keyof typeof CONNECTOR_CALLS;
  params: unknown;
}

const calls = JSON.parse(
  readFileSync(new URL('../../../fixtures/connector-calls.json', import.meta.url), 'utf8'),
) as Call[];

describe('a call of a connector', () => {
  it.each(calls.map((call) => [call.python, call] as const))('%s is what the host takes', (_, { method, params }) => {
    expect(HOST_CALLS[method].safeParse(params).error).toBeUndefined();
  });

  it('is there for each row', () => {
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(Object.keys(CONNECTOR_CALLS)));
  });

  it.each([
    ['telegram.send_message', { text: '' }],
    ['telegram.send_message', { text: 'x'.repeat(4097) }],
    ['telegram.send_message', { text: 'x', chat_id: '../../getMe' }],
    ['bybit.get_tickers', { symbol: 'BTC&category=linear' }],
    ['bybit.place_order', { symbol: 'BTCUSDT', side: 'Buy', qty: '1', price: '1', triggerPrice: '2' }],
    ['bybit.place_order', { category: 'inverse', symbol: 'BTCUSDT', side: 'Buy', qty: '1', price: '1' }],
    ['llm.chat', { messages: [] }],
    ['llm.chat', { messages: [{ role: 'tool', content: 'x' }] }],
  ] as const)('%s is not taken with %j', (method, params) => {
    expect(HOST_CALLS[method].safeParse(params).success).toBe(false);
  });
});

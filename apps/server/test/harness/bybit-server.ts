/** Bybit V5 as its documentation describes it: signatures, windows and codes are checked here by themselves. */
import { createHmac } from 'node:crypto';
import { type Heard, sendJson, type WireServer, wireServer } from './wire-server.ts';

export const BYBIT_KEY = 'XXkeykeykeykeyXX1234';
export const BYBIT_SECRET = 'SSsecretsecretsecretsecretsecretSS5678';

export interface BybitServer extends WireServer {
  /** How far its clock is ahead. */
  ahead_ms: number;
  bid: string;
  orders: Record<string, unknown>[];
}

export async function bybitServer(): Promise<BybitServer> {
  const wire = await wireServer((heard, response) => {
    const verdict = refusalOf(heard, server.ahead_ms) ?? { retCode: 0, retMsg: 'OK', result: resultOf(heard, server) };
    sendJson(response, 200, { result: {}, retExtInfo: {}, ...verdict, time: Date.now() + server.ahead_ms });
  });
  const server: BybitServer = Object.assign(wire, { ahead_ms: 0, bid: '60000.5', orders: [] });
  return server;
}

function refusalOf({ method, target, headers, body }: Heard, ahead_ms: number) {
  const header = (name: string) => String(headers[`x-bapi-${name}`] ?? '');
  const window_ms = Number(header('recv-window') || 5000);
  const age_ms = Date.now() + ahead_ms - Number(header('timestamp'));
  if (header('api-key') !== BYBIT_KEY) return { retCode: 10_003, retMsg: 'API key is invalid.' };
  if (age_ms > window_ms || age_ms < -1000)
    return { retCode: 10_002, retMsg: 'invalid request, please check your timestamp' };
  const payload = method === 'GET' ? target.split('?').slice(1).join('?') : body;
  const expected = createHmac('sha256', BYBIT_SECRET)
    .update(header('timestamp') + BYBIT_KEY + header('recv-window') + payload)
    .digest('hex');
  return header('sign') === expected
    ? undefined
    : { retCode: 10_004, retMsg: 'Error sign, please check your signature.' };
}

function resultOf({ method, target, body }: Heard, server: BybitServer): unknown {
  const [path = '', query = ''] = target.split('?');
  if (path === '/v5/user/query-api') return { note: 'bot' };
  if (path === '/v5/market/tickers') {
    const symbol = new URLSearchParams(query).get('symbol');
    return { category: 'spot', list: [{ symbol, bid1Price: server.bid, lastPrice: server.bid }] };
  }
  if (path === '/v5/order/create' && method === 'POST') {
    server.orders.push(JSON.parse(body) as Record<string, unknown>);
    return { orderId: `order-${server.orders.length}`, orderLinkId: '' };
  }
  return { path };
}

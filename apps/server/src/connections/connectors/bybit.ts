/** Bybit V5: queries and JSON, signed with HMAC-SHA256 over time, key, window and what is sent. */
import { createHmac } from 'node:crypto';
import { type ConnectorParams, HanabiError } from '@hanabi/protocol';
import { type Connector, type ConnectorAnswer, Refusal, type Session, unreadable } from '../connector.ts';
import { type Decimal, larger, plainText, readDecimal, times } from '../money.ts';

type BybitSession = Session<'bybit'>;
type Order = ConnectorParams<'bybit'>['place_order'];
type Fields = Record<string, string | number | boolean | null | undefined>;

/** For how long after its time a request is good. */
const RECV_WINDOW_MS = 5000;
/** "The time of the request is outside of the window", and "too many visits". */
const CLOCKS_DIFFER = 10_002;
const TOO_MANY = 10_006;
/**
 * Said before an order exists: of the request, its signature and its rate (10…), of its price, its amount and what there
 * is to pay it with (110…, 170…). With every other code, time-outs inside of the exchange among them, nobody knows.
 */
const NOT_PLACED = new Set([
  10_001, 10_002, 10_003, 10_004, 10_005, 10_006, 10_009, 10_010, 110_003, 110_004, 110_007, 110_012, 170_121, 170_124,
  170_130, 170_131, 170_132, 170_133, 170_134, 170_135, 170_136, 170_137, 170_140,
]);

export const bybit: Connector<'bybit'> = {
  calls: {
    get_tickers: ({ category, symbol }, session) => get(session, '/v5/market/tickers', { category, symbol }),
    get_kline: (params, session) => get(session, '/v5/market/kline', params),
    get_orderbook: (params, session) => get(session, '/v5/market/orderbook', params),
    get_wallet_balance: ({ account_type, coin }, session) =>
      get(session, '/v5/account/wallet-balance', { accountType: account_type, coin }),
    get_positions: ({ category, symbol, settle_coin }, session) =>
      get(session, '/v5/position/list', { category, symbol, settleCoin: settle_coin }),
    get_open_orders: ({ category, symbol, settle_coin }, session) =>
      get(session, '/v5/order/realtime', { category, symbol, settleCoin: settle_coin }),
    place_order: placeOrder,
    cancel_order: ({ category, symbol, order_id, order_link_id }, session) =>
      post(session, '/v5/order/cancel', { category, symbol, orderId: order_id, orderLinkId: order_link_id }),
  },

  async test(session) {
    const { result } = await get(session, '/v5/user/query-api', {});
    const { note } = (result ?? {}) as { note?: unknown };
    return typeof note === 'string' ? note : '';
  },
};

async function placeOrder(order: Order, session: BybitSession): Promise<unknown> {
  const qty = amount(order.qty, 'qty');
  const price = order.price === null ? undefined : amount(order.price, 'price');
  const cost = await costOf(order, qty, price, session);
  return session.spend({ symbol: order.symbol, cost }, () =>
    post(session, '/v5/order/create', {
      category: order.category,
      symbol: order.symbol,
      side: order.side,
      orderType: order.order_type,
      qty: plainText(qty),
      price: price && plainText(price),
      timeInForce: order.time_in_force,
      marketUnit: order.market_unit,
      reduceOnly: order.category === 'linear' ? order.reduce_only : undefined,
      orderLinkId: order.order_link_id,
    }),
  );
}

/** The most that it can cost in the currency that it is paid in. HANABI-N013 where nobody can know. */
async function costOf(order: Order, qty: Decimal, price: Decimal | undefined, session: BybitSession): Promise<Decimal> {
  if (order.order_type === 'Market') {
    if (order.category === 'spot' && order.market_unit === 'quoteCoin') return qty;
    throw new HanabiError(
      'HANABI-N013',
      'a market order is one on spot with market_unit="quoteCoin", or it has no known cost',
    );
  }
  if (!price) throw new HanabiError('HANABI-N013', 'a limit order has a price');
  if (order.side === 'Buy') return times(qty, price);
  // Whoever sells below what is paid gets what is paid: the price that was named says nothing of the size.
  return times(qty, larger(price, await bestBid(order, session)));
}

async function bestBid({ category, symbol }: Order, session: BybitSession): Promise<Decimal> {
  const { result } = await get(session, '/v5/market/tickers', { category, symbol });
  const { list } = (result ?? {}) as { list?: { symbol?: unknown; bid1Price?: unknown }[] };
  const found = Array.isArray(list) ? list.find((ticker) => ticker?.symbol === symbol)?.bid1Price : undefined;
  const bid = typeof found === 'string' ? readDecimal(found) : undefined;
  if (!bid) throw new HanabiError('HANABI-N013', `what ${symbol} sells for cannot be known`);
  return bid;
}

function amount(value: string | number, name: string): Decimal {
  const read = readDecimal(value);
  if (!read) throw new HanabiError('HANABI-N013', `"${name}" is not a positive amount`);
  return read;
}

function get(session: BybitSession, path: string, fields: Fields): Promise<Record<string, unknown>> {
  const query = new URLSearchParams(onlyGiven(fields) as Record<string, string>).toString();
  return signed(session, 'GET', query === '' ? path : `${path}?${query}`, query);
}

function post(session: BybitSession, path: string, fields: Fields): Promise<Record<string, unknown>> {
  return signed(session, 'POST', path, JSON.stringify(onlyGiven(fields)));
}

function onlyGiven(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

/** Once more with the time of the exchange where the two clocks differ: such a request was not looked at. */
async function signed(
  session: BybitSession,
  method: 'GET' | 'POST',
  path: string,
  payload: string,
): Promise<Record<string, unknown>> {
  const send = (ahead_ms: number) =>
    session.send({
      method,
      path,
      headers: signatureOf(session, Date.now() + ahead_ms, payload),
      ...(method === 'POST' ? { body: payload } : {}),
    });
  const answer = await send(0);
  const { retCode, time } = answer.json ?? {};
  if (retCode !== CLOCKS_DIFFER || typeof time !== 'number') return successOf(answer);
  return successOf(await send(time - Date.now()));
}

function signatureOf({ fields }: BybitSession, time_ms: number, payload: string): Record<string, string> {
  const time = String(Math.round(time_ms));
  const text = `${time}${fields.api_key}${RECV_WINDOW_MS}${payload}`;
  return {
    'x-bapi-api-key': fields.api_key,
    'x-bapi-timestamp': time,
    'x-bapi-recv-window': String(RECV_WINDOW_MS),
    'x-bapi-sign': createHmac('sha256', fields.api_secret).update(text).digest('hex'),
  };
}

function successOf(answer: ConnectorAnswer): Record<string, unknown> {
  const { retCode, retMsg } = answer.json ?? {};
  if (retCode === 0) return answer.json!;
  if (typeof retCode !== 'number') throw unreadable(answer);
  throw new Refusal(`${String(retMsg)} (${retCode})`, {
    isFinal: answer.status < 500 && NOT_PLACED.has(retCode),
    retry_after_s: retCode === TOO_MANY ? untilReset_s(answer.headers) : undefined,
  });
}

function untilReset_s(headers: Record<string, string>): number {
  const reset_ms = Number(headers['x-bapi-limit-reset-timestamp'] ?? 'none');
  return Number.isFinite(reset_ms) ? Math.max(1, Math.ceil((reset_ms - Date.now()) / 1000)) : 1;
}

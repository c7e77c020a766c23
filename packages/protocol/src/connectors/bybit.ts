import * as z from 'zod';
import { address, type ConnectorRow, optional, secret } from './connector.ts';

const Symbol = z.string().regex(/^[A-Z0-9]{2,30}$/, 'is the name of a market such as BTCUSDT');
const Coin = z
  .string()
  .regex(/^[A-Z0-9]{1,20}(?:,[A-Z0-9]{1,20}){0,9}$/, 'is a coin such as USDT, or several with commas');
const Category = z.enum(['spot', 'linear', 'inverse', 'option']).default('spot');
const OrderId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** Text or number; texts keep every digit. */
const Amount = z.union([z.string().max(40), z.number()]);
const Time_ms = z.number().int().nonnegative();

/** The V5 interface of the exchange, with a key of the user’s own. */
export const bybit = {
  name: 'Bybit',
  fields: {
    api_key: secret(),
    api_secret: secret(),
    address: address('https://api.bybit.com'),
  },
  calls: {
    get_tickers: z.strictObject({ category: Category, symbol: optional(Symbol) }),
    get_kline: z.strictObject({
      category: Category,
      symbol: Symbol,
      interval: z.union([
        z.enum(['1', '3', '5', '15', '30', '60', '120', '240', '360', '720', 'D', 'W', 'M']),
        z.number().int().positive(),
      ]),
      start: optional(Time_ms),
      end: optional(Time_ms),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    get_orderbook: z.strictObject({
      category: Category,
      symbol: Symbol,
      limit: z.number().int().min(1).max(200).default(25),
    }),
    get_wallet_balance: z.strictObject({
      account_type: z.enum(['UNIFIED', 'CONTRACT', 'SPOT']).default('UNIFIED'),
      coin: optional(Coin),
    }),
    get_positions: z.strictObject({
      category: z.enum(['linear', 'inverse', 'option']).default('linear'),
      symbol: optional(Symbol),
      settle_coin: optional(Coin),
    }),
    get_open_orders: z.strictObject({ category: Category, symbol: optional(Symbol), settle_coin: optional(Coin) }),
    /** What else the exchange takes (triggers, leverage, stops) could cost what nobody can know beforehand. */
    place_order: z.strictObject({
      category: z.enum(['spot', 'linear']).default('spot'),
      symbol: Symbol,
      side: z.enum(['Buy', 'Sell']),
      order_type: z.enum(['Limit', 'Market']).default('Limit'),
      qty: Amount,
      price: optional(Amount),
      time_in_force: optional(z.enum(['GTC', 'IOC', 'FOK', 'PostOnly'])),
      /** Of a market order on spot: "quoteCoin" says that `qty` is what it may cost. */
      market_unit: optional(z.enum(['baseCoin', 'quoteCoin'])),
      reduce_only: z.boolean().default(false),
      order_link_id: optional(OrderId),
    }),
    cancel_order: z.strictObject({
      category: Category,
      symbol: Symbol,
      order_id: optional(OrderId),
      order_link_id: optional(OrderId),
    }),
  },
  trades: true,
} as const satisfies ConnectorRow;

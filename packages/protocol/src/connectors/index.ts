/** The connectors: what services reach with a credential of their user that they never see. */
import type * as z from 'zod';
import { bybit } from './bybit.ts';
import type { ConnectorRow } from './connector.ts';
import { llm } from './llm.ts';
import { telegram } from './telegram.ts';

export const CONNECTORS = { telegram, bybit, llm } as const satisfies Record<string, ConnectorRow>;

export type ConnectorKind = keyof typeof CONNECTORS;
export const CONNECTOR_KINDS = Object.keys(CONNECTORS) as [ConnectorKind, ...ConnectorKind[]];

type Calls<Kind extends ConnectorKind> = (typeof CONNECTORS)[Kind]['calls'];
export type FieldOf<Kind extends ConnectorKind> = keyof (typeof CONNECTORS)[Kind]['fields'] & string;
export type ConnectorParams<Kind extends ConnectorKind> = {
  [Call in keyof Calls<Kind>]: z.output<Extract<Calls<Kind>[Call], z.ZodType>>;
};

/** The rows of `HOST_CALLS` that lead to a connector. */
export const CONNECTOR_CALLS = { ...named('telegram'), ...named('bybit'), ...named('llm') };
export type ConnectorMethod = keyof typeof CONNECTOR_CALLS;

export function isConnectorMethod(method: string): method is ConnectorMethod {
  return Object.hasOwn(CONNECTOR_CALLS, method);
}

type Named<Kind extends ConnectorKind> = {
  [Call in keyof Calls<Kind> & string as `${Kind}.${Call}`]: Calls<Kind>[Call];
};

function named<Kind extends ConnectorKind>(kind: Kind): Named<Kind> {
  const rows = Object.entries(CONNECTORS[kind].calls).map(([call, shape]) => [`${kind}.${call}`, shape]);
  return Object.fromEntries(rows) as Named<Kind>;
}

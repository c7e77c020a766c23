import type { ConnectorKind } from '@hanabi/protocol';
import type { Connector } from '../connector.ts';
import { bybit } from './bybit.ts';
import { llm } from './llm.ts';
import { telegram } from './telegram.ts';

export const connectors: { [Kind in ConnectorKind]: Connector<Kind> } = { telegram, bybit, llm };

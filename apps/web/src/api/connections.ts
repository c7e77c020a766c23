/** What the Account window asks of the server about connections. */
import {
  type AddConnection,
  type ChangeConnection,
  type Connections,
  type ConnectionTested,
  DESKTOP_PATHS,
  type SetTrading,
} from '@hanabi/protocol';
import { request, requestJson } from './request.ts';

const path = (id: string, part = ''): string => `${DESKTOP_PATHS.connections}/${encodeURIComponent(id)}${part}`;
const act = async (method: string, address: string, json?: unknown): Promise<void> => {
  await request(address, { method, json });
};

export const connectionsApi = {
  all: () => requestJson<Connections>(DESKTOP_PATHS.connections),
  add: (wish: AddConnection) => act('POST', DESKTOP_PATHS.connections, wish),
  change: (id: string, wish: ChangeConnection) => act('PATCH', path(id), wish),
  remove: (id: string) => act('DELETE', path(id)),
  test: (id: string) => requestJson<ConnectionTested>(path(id, '/test'), { method: 'POST', json: {} }),
  setTrading: (id: string, wish: SetTrading) => act('PUT', path(id, '/trading'), wish),
  lend: (id: string, moduleId: string, isLent: boolean) =>
    act(isLent ? 'PUT' : 'DELETE', path(id, `/modules/${encodeURIComponent(moduleId)}`)),
};

/** What the Services window asks of the server. */
import {
  DESKTOP_PATHS,
  type ServiceAction,
  type ServiceLog,
  type ServiceMonitor,
  type ServiceState,
  type ServiceStatus,
  type SetServiceState,
  type UserServices,
} from '@hanabi/protocol';
import { request, requestJson } from './request.ts';

const path = (moduleId: string, part = ''): string =>
  `${DESKTOP_PATHS.services}/${encodeURIComponent(moduleId)}${part}`;

export const servicesApi = {
  all: () => requestJson<UserServices>(DESKTOP_PATHS.services),
  status: (moduleId: string) => requestJson<ServiceStatus>(path(moduleId)),
  act: (moduleId: string, action: ServiceAction) =>
    requestJson<ServiceStatus>(path(moduleId, `/${action}`), { method: 'POST', json: {} }),
  log: (moduleId: string, after: number) => requestJson<ServiceLog>(path(moduleId, `/log?after=${after}`)),
  state: (moduleId: string) => requestJson<ServiceState>(path(moduleId, '/state')),
  async setState(moduleId: string, change: SetServiceState): Promise<void> {
    await request(path(moduleId, '/state'), { method: 'PUT', json: change });
  },
  monitor: (moduleId: string) => requestJson<ServiceMonitor>(path(moduleId, '/monitor')),
};

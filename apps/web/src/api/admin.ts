/** What administrators ask of the server. */
import {
  type AdminJob,
  type AdminModules,
  type AdminUser,
  type AuditFilter,
  type AuditPage,
  type ChangeUser,
  DESKTOP_PATHS,
  type Health,
  type Invitation,
  type Invite,
  type NewInvitation,
  type Quota,
  type SetGrant,
} from '@hanabi/protocol';
import { publishingApi } from './publishing.ts';
import { request, requestJson } from './request.ts';

const { admin } = DESKTOP_PATHS;
const segment = encodeURIComponent;
const act = async (method: string, path: string, json?: unknown): Promise<void> => {
  await request(path, { method, json });
};

function auditQuery(filter: AuditFilter, more: Record<string, string> = {}): URLSearchParams {
  const fields = Object.entries({ ...filter, ...more }).filter((field): field is [string, string] => Boolean(field[1]));
  return new URLSearchParams(fields);
}

export const adminApi = {
  users: async () => (await requestJson<{ users: AdminUser[] }>(`${admin}/users`)).users,
  changeUser: (id: string, change: ChangeUser) => act('PATCH', `${admin}/users/${segment(id)}`, change),
  signOutEverywhere: (id: string) => act('DELETE', `${admin}/users/${segment(id)}/sessions`),
  turnOffTotp: (id: string) => act('DELETE', `${admin}/users/${segment(id)}/totp`),
  resetPassword: (id: string) => requestJson<NewInvitation>(`${admin}/users/${segment(id)}/reset`, { method: 'POST' }),
  invitations: async () => (await requestJson<{ invitations: Invitation[] }>(`${admin}/invitations`)).invitations,
  invite: (wish: Invite) => requestJson<NewInvitation>(`${admin}/invitations`, { method: 'POST', json: wish }),
  withdraw: (id: string) => act('DELETE', `${admin}/invitations/${segment(id)}`),
  modules: () => requestJson<AdminModules>(`${admin}/modules`),
  setGrant: (id: string, wish: SetGrant) => act('PUT', `${admin}/modules/${segment(id)}/grants`, wish),
  setQuota: (id: string, quota: Quota) => act('PUT', `${admin}/modules/${segment(id)}/quota`, quota),
  rollBack: publishingApi.rollBack,
  suspend: publishingApi.suspend,
  audit: (filter: AuditFilter, before: number | null) =>
    requestJson<AuditPage>(`${admin}/audit?${auditQuery(filter, before === null ? {} : { before: String(before) })}`),
  auditExportUrl: (filter: AuditFilter, format: 'csv' | 'ndjson') =>
    `${admin}/audit/export?${auditQuery(filter, { format })}`,
  jobs: async () => (await requestJson<{ jobs: AdminJob[] }>(`${admin}/jobs`)).jobs,
  cancelJob: (id: string) => act('POST', `${admin}/jobs/${segment(id)}/cancel`),
  health: () => requestJson<Health>(`${admin}/health`),
};

export type AdminApi = typeof adminApi;

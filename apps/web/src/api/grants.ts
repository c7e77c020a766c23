/** What modules may do for the person, and their say in it. */
import { type DecideGrants, DESKTOP_PATHS, type ModuleGrants } from '@hanabi/protocol';
import { request, requestJson } from './request.ts';

const { grants } = DESKTOP_PATHS;

export const grantsApi = {
  list: async () => (await requestJson<{ modules: ModuleGrants[] }>(grants)).modules,
  async decide(wish: DecideGrants): Promise<void> {
    await request(grants, { method: 'PUT', json: wish });
  },
};

export type GrantsApi = typeof grantsApi;

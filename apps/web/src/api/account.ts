/** What a person asks of the server about their own account, and what can be asked before there is a session. */
import {
  type Account,
  DESKTOP_PATHS,
  type InvitationOpened,
  type OidcBegun,
  type RecoveryCodes,
  type SignInOptions,
  type TotpSetup,
} from '@hanabi/protocol';
import { request, requestJson } from './request.ts';

const { account, entrance, oidc } = DESKTOP_PATHS;

const post = <T>(path: string, json?: unknown) => requestJson<T>(path, { method: 'POST', json });
const act = async (method: string, path: string, json?: unknown): Promise<void> => {
  await request(path, { method, json });
};

export const accountApi = {
  signInOptions: () => requestJson<SignInOptions>(entrance),
  openInvitation: (token: string) => post<InvitationOpened>(`${entrance}/invitation`, { token }),
  resetPassword: (token: string, password: string) => act('POST', `${entrance}/password`, { token, password }),

  /** Leaves the desktop for the other service, which leads back to it. */
  async goToOidc(purpose: 'sign-in' | 'link'): Promise<void> {
    location.assign((await post<OidcBegun>(`${oidc}/begin`, { purpose })).url);
  },
  removeIdentity: (id: string) => act('DELETE', `${account}/identities/${encodeURIComponent(id)}`),

  account: () => requestJson<Account>(account),
  confirm: (password: string, code?: string) => act('POST', `${account}/confirm`, { password, code }),
  confirmWithPasskey: (proof: { answer: unknown }) => act('POST', `${account}/confirm/passkey`, proof),
  removePasskey: (id: string) => act('DELETE', `${account}/passkeys/${encodeURIComponent(id)}`),
  changePassword: (password: string) => act('PUT', `${account}/password`, { password }),
  endSession: (id: string) => act('DELETE', `${account}/sessions/${encodeURIComponent(id)}`),
  endOtherSessions: () => act('DELETE', `${account}/sessions`),
  prepareTotp: () => post<TotpSetup>(`${account}/totp`),
  activateTotp: (code: string) => requestJson<RecoveryCodes>(`${account}/totp`, { method: 'PUT', json: { code } }),
  turnOffTotp: () => act('DELETE', `${account}/totp`),
  newRecoveryCodes: () => post<RecoveryCodes>(`${account}/recovery-codes`),
};

export type AccountApi = typeof accountApi;

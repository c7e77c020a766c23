/** A real OpenID provider on this machine, which signs in whom the test says without asking. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
// @ts-expect-error -- it brings no types
import Untyped from 'oidc-provider';
import { freePort } from './free-port.ts';

interface Interaction {
  uid: string;
  prompt: { name: string };
}

interface Provider {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
}

const TypedProvider = Untyped as new (issuer: string, configuration: object) => Provider;

export const CLIENT = { client_id: 'hanabi', client_secret: 'a secret of the test that is long enough' };

export interface RunningProvider {
  issuer: string;
  /** Who signs in next. `sub` is what stays; the others a person can change there. */
  account: { sub: string; preferred_username: string; email: string };
  stop(): Promise<void>;
}

export async function startProvider(redirect_uri: string): Promise<RunningProvider> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const running = { issuer, account: { sub: 'nobody', preferred_username: 'nobody', email: 'nobody@example.net' } };
  const claimsOf = new Map<string, object>();
  const provider = new TypedProvider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [redirect_uri] }],
    claims: { profile: ['preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_: unknown, { uid }: Interaction) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => claimsOf.get(sub) }),
    loadExistingGrant: async (context: {
      oidc: { client: { clientId: string }; session: { accountId: string }; provider: { Grant: GrantType } };
    }) => {
      const { client, session, provider: own } = context.oidc;
      const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    cookies: { keys: ['a key of the test'] },
  });
  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response);
    const { account } = running;
    claimsOf.set(account.sub, account);
    void provider
      .interactionDetails(request, response)
      .then(() =>
        provider.interactionFinished(request, response, { login: { accountId: account.sub, remember: false } }),
      );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return Object.assign(running, { stop });
}

type GrantType = new (fields: object) => { addOIDCScope(scope: string): void; save(): Promise<unknown> };

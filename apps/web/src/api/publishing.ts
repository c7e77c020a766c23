/** What the Module Store, the Developer Portal and the review ask of the server. */
import {
  type Decision,
  DESKTOP_PATHS,
  type ModuleVersion,
  type PortalModule,
  type PublishKey,
  type ReviewCase,
  type SampleRuns,
  type StoreModule,
  type UploadedPackage,
  type WorkflowCheckLine,
} from '@hanabi/protocol';
import { ndjsonLines } from './ndjson-lines.ts';
import { request, requestJson } from './request.ts';

const { store, portal, review } = DESKTOP_PATHS;
const segment = encodeURIComponent;

const act = async (method: string, path: string, json?: unknown): Promise<void> => {
  await request(path, { method, json });
};
async function* check(path: string, signal: AbortSignal): AsyncGenerator<WorkflowCheckLine, void, void> {
  const { body } = await request(`${path}/workflows`, { method: 'POST', json: {}, signal });
  yield* ndjsonLines<WorkflowCheckLine>(body!);
}

const versionOf = (id: string, version: string) => `${segment(id)}/versions/${segment(version)}`;

export const publishingApi = {
  store: async () => (await requestJson<{ modules: StoreModule[] }>(store)).modules,
  install: (id: string) => act('PUT', `${store}/${segment(id)}/install`),
  uninstall: (id: string, data: 'keep' | 'delete') => act('DELETE', `${store}/${segment(id)}/install?data=${data}`),

  published: async () => (await requestJson<{ modules: PortalModule[] }>(`${portal}/modules`)).modules,
  async upload(zip: Blob): Promise<UploadedPackage> {
    // The type of a file is what the computer believes; the server decides by what is in it.
    const body = zip.slice(0, zip.size, 'application/zip');
    const headers = { 'content-type': 'application/zip' };
    return requestJson<UploadedPackage>(`${portal}/packages`, { method: 'POST', body, headers });
  },
  submit: (id: string, version: string, note: string) =>
    act('POST', `${portal}/modules/${versionOf(id, version)}/submit`, { note }),
  withdraw: (id: string, version: string) => act('POST', `${portal}/modules/${versionOf(id, version)}/withdraw`, {}),
  /** With the workflows of the developer. */
  checkDraft: (id: string, version: string, signal: AbortSignal) =>
    check(`${portal}/modules/${versionOf(id, version)}`, signal),
  keys: async () => (await requestJson<{ keys: PublishKey[] }>(`${portal}/keys`)).keys,
  makeKey: (name: string) =>
    requestJson<PublishKey & { key: string }>(`${portal}/keys`, { method: 'POST', json: { name } }),
  removeKey: (id: string) => act('DELETE', `${portal}/keys/${segment(id)}`),

  toReview: async () => (await requestJson<{ versions: ModuleVersion[] }>(review)).versions,
  reviewCase: (id: string, version: string) => requestJson<ReviewCase>(`${review}/${versionOf(id, version)}`),
  async reviewFile(id: string, version: string, path: string): Promise<string> {
    const query = new URLSearchParams({ path });
    return (await requestJson<{ text: string }>(`${review}/${versionOf(id, version)}/file?${query}`)).text;
  },
  runSamples: (id: string, version: string) =>
    requestJson<SampleRuns>(`${review}/${versionOf(id, version)}/run`, { method: 'POST', json: {} }),
  /** With the workflows of everybody. */
  checkSubmitted: (id: string, version: string, signal: AbortSignal) =>
    check(`${review}/${versionOf(id, version)}`, signal),
  decide: (id: string, version: string, decision: Decision) =>
    act('POST', `${review}/${versionOf(id, version)}/decision`, decision),
  suspend: (id: string, suspended: boolean, note: string) =>
    act('POST', `${review}/${segment(id)}/${suspended ? 'suspend' : 'resume'}`, { note }),
  rollBack: (id: string, version: string, note: string) =>
    act('POST', `${review}/${versionOf(id, version)}/roll-back`, { note }),
};

export type PublishingApi = typeof publishingApi;

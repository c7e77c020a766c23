/** One typed method for each row of the capability table. */
import type { CAPABILITIES, CapabilityType, FileRef, FolderRole, Payloads, Results, Tone } from '@hanabi/protocol';
import { type Connection, type OnOutput, type OnProgress, openConnection } from './connection.ts';

export interface ClientOptions {
  /** The window whose parent is the host; the page's own unless told otherwise. */
  window?: Window;
}

type SdkMethod = (typeof CAPABILITIES)[CapabilityType]['sdk'];
/** Makes a client that lacks the method of a row a type error. */
type EveryRow = Record<SdkMethod, (...args: never[]) => Promise<unknown>>;

type JobPayload = Payloads['HANABI_CREATE_JOB'];

export interface HanabiClient extends Connection, EveryRow {
  /** Says that the page has loaded; answers the module context. */
  ready: () => Promise<Results['HANABI_READY']>;
  /** The module context, at any time; the first call also says that the page is ready. */
  getContext: () => Promise<Results['HANABI_GET_CONTEXT']>;
  /** The files of the module's input folder. */
  pickFile: (accepts?: string[]) => Promise<{ files: FileRef[] }>;
  /** One file of the user, chosen in a dialog of the host; null when nothing was chosen. */
  pickUserFile: (accepts?: string[]) => Promise<{ file: FileRef | null }>;
  readFile: (fileId: string) => Promise<Results['HANABI_READ_FILE']>;
  /** Writes into a folder of the module, "output" unless told otherwise; sub-folders are made as needed. */
  writeFile: (
    name: string,
    bytesB64: string,
    folderRole?: FolderRole,
    subpath?: string,
  ) => Promise<Results['HANABI_WRITE_FILE']>;
  /** The value itself, null when there is none. */
  getSetting: (key: string) => Promise<Results['HANABI_GET_SETTING']['value']>;
  setSetting: (key: string, value: Payloads['HANABI_SET_SETTING']['value']) => Promise<Results['HANABI_SET_SETTING']>;
  notify: (message: string, options?: { title?: string; tone?: Tone }) => Promise<Results['HANABI_NOTIFY']>;
  /** Shows a folder of the module in File Explorer, "output" unless told otherwise. */
  openFolder: (folderRole?: FolderRole) => Promise<Results['HANABI_OPEN_FOLDER']>;
  /** Runs the module's worker; with a callback its progress and output arrive while it runs. */
  createJob: (
    options?: JobPayload['options'],
    inputRefs?: JobPayload['inputRefs'],
    onProgress?: OnProgress,
    onOutput?: OnOutput,
  ) => Promise<Results['HANABI_CREATE_JOB']>;
  listJobs: () => Promise<Results['HANABI_LIST_JOBS']>;
}

export function createHanabiClient({ window: page = window }: ClientOptions = {}): HanabiClient {
  const { call: send, dispose } = openConnection(page);
  let readySent = false;
  const call: Connection['call'] = (type, ...rest) => {
    readySent ||= type === 'HANABI_READY';
    return send(type, ...rest);
  };

  return {
    call,
    dispose,
    ready: () => call('HANABI_READY'),
    getContext: () => call(readySent ? 'HANABI_GET_CONTEXT' : 'HANABI_READY'),
    pickFile: async (accepts) => ({ files: (await call('HANABI_PICK_FILE', { accepts })).files ?? [] }),
    pickUserFile: async (accepts) => ({
      file: (await call('HANABI_PICK_FILE', { accepts, scope: 'user' })).file ?? null,
    }),
    readFile: (fileId) => call('HANABI_READ_FILE', { fileId }),
    writeFile: (name, bytesB64, folderRole, subpath) =>
      call('HANABI_WRITE_FILE', { name, bytesB64, folderRole, subpath }),
    getSetting: async (key) => (await call('HANABI_GET_SETTING', { key })).value,
    setSetting: (key, value) => call('HANABI_SET_SETTING', { key, value }),
    notify: (message, options) => call('HANABI_NOTIFY', { ...options, message }),
    openFolder: (folderRole) => call('HANABI_OPEN_FOLDER', { folderRole }),
    createJob: (options, inputRefs, onProgress, onOutput) =>
      call(
        'HANABI_CREATE_JOB',
        { options, inputRefs, stream: Boolean(onProgress || onOutput) || undefined },
        onProgress,
        onOutput,
      ),
    listJobs: () => call('HANABI_LIST_JOBS'),
  };
}

/** One typed method for each row of the capability table. */
import type {
  CAPABILITIES,
  CapabilityType,
  EventPayloads,
  FileRef,
  FolderRole,
  Payloads,
  Results,
  Tone,
} from '@hanabi/protocol';
import { type Connection, type OnOutput, type OnProgress, openConnection } from './connection.ts';

export interface ClientOptions {
  /** The window whose parent is the host; the page's own unless told otherwise. */
  window?: Window;
}

type SdkMethod = (typeof CAPABILITIES)[CapabilityType]['sdk'];
type Method = (...args: never[]) => unknown;
/** Makes a client that lacks the method of a row a type error; "fs.list" is the method list of the group fs. */
type EveryRow = {
  [N in SdkMethod as N extends `${infer G}.${string}` ? G : N]: N extends `${infer G}.${string}` ? Group<G> : Method;
};
type Group<G extends string> = { [N in SdkMethod as N extends `${G}.${infer M}` ? M : never]: Method };

/** A folder of the module by its role, or any folder by its id; "root" is the user's top folder. */
export type FolderTarget = FolderRole | { folderRole: FolderRole } | { folderId: string };
type Put = Payloads['HANABI_DATA_PUT'];
type IfVersion = Pick<Put, 'ifVersion'>;

export type ItemTarget = { fileId: string } | { folderId: string };
/** What writeFile takes: base64, or the bytes themselves. */
export type Content = string | ArrayBuffer | Uint8Array<ArrayBuffer> | Blob;

type FileData = Omit<Results['HANABI_READ_FILE'], 'bytes' | 'bytesB64'>;

type JobPayload = Payloads['HANABI_CREATE_JOB'];

export interface HanabiClient extends Omit<Connection, 'onEvent'>, EveryRow {
  /** Says that the page has loaded; answers the module context. */
  ready: () => Promise<Results['HANABI_READY']>;
  /** The module context, at any time; the first call also says that the page is ready. */
  getContext: () => Promise<Results['HANABI_GET_CONTEXT']>;
  /** The files of the module's input folder. */
  pickFile: (accepts?: string[]) => Promise<{ files: FileRef[] }>;
  /** One file of the user, chosen in a dialog of the host; null when nothing was chosen. */
  pickUserFile: (accepts?: string[]) => Promise<{ file: FileRef | null }>;
  /** The content as base64, or with an encoding as an ArrayBuffer or a Blob, which is much quicker for large files. */
  readFile: {
    (fileId: string, encoding?: 'base64'): Promise<FileData & { bytesB64: string }>;
    (fileId: string, encoding: 'buffer'): Promise<FileData & { bytes: ArrayBuffer }>;
    (fileId: string, encoding: 'blob'): Promise<FileData & { bytes: Blob }>;
  };
  /** A short-lived address for <video>, <audio> or <img>. */
  openMedia: (fileId: string) => Promise<Results['HANABI_OPEN_MEDIA']>;
  /** Writes into a folder of the module, "output" unless told otherwise; sub-folders are made as needed. */
  writeFile: (
    name: string,
    content: Content,
    folderRole?: FolderRole,
    subpath?: string,
  ) => Promise<Results['HANABI_WRITE_FILE']>;
  /** The value itself, null when there is none. */
  getSetting: (key: string) => Promise<Results['HANABI_GET_SETTING']['value']>;
  setSetting: (key: string, value: Payloads['HANABI_SET_SETTING']['value']) => Promise<Results['HANABI_SET_SETTING']>;
  notify: (message: string, options?: { title?: string; tone?: Tone }) => Promise<Results['HANABI_NOTIFY']>;
  /** A number on the module’s buttons in the taskbar; 0 takes it away. */
  setBadge: (count: number) => Promise<Results['HANABI_SET_BADGE']>;
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
  /** Work that outlives the page. */
  queue: {
    /** Settles when the job is accepted: it will run, whatever becomes of this page. */
    enqueue: (
      options?: JobPayload['options'],
      inputRefs?: JobPayload['inputRefs'],
    ) => Promise<Results['HANABI_QUEUE_TASK']>;
    get: (jobId: string) => Promise<Results['HANABI_GET_JOB']>;
    /** Only while it is queued. */
    cancel: (jobId: string) => Promise<Results['HANABI_CANCEL_JOB']>;
    list: () => Promise<Results['HANABI_LIST_JOBS']>;
  };
  /** Jobs again and again, also while no page is open. */
  schedules: {
    list: () => Promise<Results['HANABI_SCHEDULE_LIST']>;
    create: (spec: Payloads['HANABI_SCHEDULE_CREATE']) => Promise<Results['HANABI_SCHEDULE_CREATE']>;
    toggle: (scheduleId: string, enabled: boolean) => Promise<Results['HANABI_SCHEDULE_TOGGLE']>;
    delete: (scheduleId: string) => Promise<Results['HANABI_SCHEDULE_DELETE']>;
  };
  /** The program of this module that is kept running for this user. */
  services: {
    status: () => Promise<Results['HANABI_SERVICE_STATUS']>;
    start: () => Promise<Results['HANABI_SERVICE_STATUS']>;
    stop: () => Promise<Results['HANABI_SERVICE_STATUS']>;
    restart: () => Promise<Results['HANABI_SERVICE_STATUS']>;
    /** One tick at once, beside those of the interval. */
    tick: () => Promise<Results['HANABI_SERVICE_STATUS']>;
    log: (options?: Payloads['HANABI_SERVICE_LOG']) => Promise<Results['HANABI_SERVICE_LOG']>;
    /** By key, the JSON text of what the service keeps. */
    state: () => Promise<Results['HANABI_SERVICE_STATE']['state']>;
    setState: (
      key: string,
      value: Payloads['HANABI_SERVICE_SET_STATE']['value'],
    ) => Promise<Results['HANABI_SERVICE_SET_STATE']>;
    monitor: () => Promise<Results['HANABI_SERVICE_MONITOR']>;
  };
  /** Durable workflows of this module: they outlive the page and the server. */
  workflows: {
    start: (wish: Payloads['HANABI_WORKFLOW_START']) => Promise<Results['HANABI_WORKFLOW_START']>;
    signal: (wish: Payloads['HANABI_WORKFLOW_SIGNAL']) => Promise<Results['HANABI_WORKFLOW_SIGNAL']>;
    /** The answer itself. */
    query: (wish: Payloads['HANABI_WORKFLOW_QUERY']) => Promise<Results['HANABI_WORKFLOW_QUERY']['value']>;
    update: (wish: Payloads['HANABI_WORKFLOW_UPDATE']) => Promise<Results['HANABI_WORKFLOW_UPDATE']>;
    /** After a while without an end its state is "running": ask again. */
    result: (wish: Payloads['HANABI_WORKFLOW_RESULT']) => Promise<Results['HANABI_WORKFLOW_RESULT']>;
    list: (wish?: Payloads['HANABI_WORKFLOW_LIST']) => Promise<Results['HANABI_WORKFLOW_LIST']['workflows']>;
    cancel: (wish: Payloads['HANABI_WORKFLOW_CANCEL']) => Promise<Results['HANABI_WORKFLOW_CANCEL']>;
    completeActivity: (
      wish: Payloads['HANABI_WORKFLOW_COMPLETE_ACTIVITY'],
    ) => Promise<Results['HANABI_WORKFLOW_COMPLETE_ACTIVITY']>;
    failActivity: (
      wish: Payloads['HANABI_WORKFLOW_FAIL_ACTIVITY'],
    ) => Promise<Results['HANABI_WORKFLOW_FAIL_ACTIVITY']>;
    heartbeat: (wish: Payloads['HANABI_WORKFLOW_HEARTBEAT']) => Promise<Results['HANABI_WORKFLOW_HEARTBEAT']>;
  };
  /** Files that the user drops onto the window, once they lie in the input folder. Returns the way to stop listening. */
  onFilesDropped: (listener: (files: FileRef[]) => void) => () => void;
  storageUsage: () => Promise<Results['HANABI_STORAGE_USAGE']>;
  listModules: () => Promise<Results['HANABI_LIST_MODULES']>;
  sendToModule: (moduleId: string, fileId: string) => Promise<Results['HANABI_SEND_TO_MODULE']>;
  /** JSON documents of this module for this user. A document's `data` is the JSON text that was stored. */
  data: {
    /** The collections, what they take and what they may take. */
    collections: () => Promise<Results['HANABI_DATA_LIST_COLLECTIONS']>;
    /** A page, the newest-updated first. For the next one give the `next` of this one as `after`. */
    list: (
      collection: string,
      options?: Omit<Payloads['HANABI_DATA_LIST'], 'collection'>,
    ) => Promise<Results['HANABI_DATA_LIST']>;
    /** One document, null when there is none. */
    get: (collection: string, id: string) => Promise<Results['HANABI_DATA_GET']>;
    /** Stores a document under its id, or without one as a new one. With `ifVersion` nobody else's change is lost. */
    put: (
      collection: string,
      data: Put['data'],
      id?: string,
      options?: IfVersion,
    ) => Promise<Results['HANABI_DATA_PUT']>;
    /** The documents whose top-level fields equal these values. */
    query: (
      collection: string,
      where?: Payloads['HANABI_DATA_QUERY']['where'],
      limit?: number,
    ) => Promise<Results['HANABI_DATA_QUERY']>;
    delete: (collection: string, id: string, options?: IfVersion) => Promise<Results['HANABI_DATA_DELETE']>;
    /** Documents that another window of this module stored or deleted. Returns the way to stop listening. */
    onChanged: (listener: (change: EventPayloads['HANABI_DATA_CHANGED']) => void) => () => void;
  };
  /** The desktop around the windows. */
  desktop: {
    list: () => Promise<Results['HANABI_DESKTOP_LIST']>;
    /** Moves one of the module’s own files or folders there; with `copy` a copy of a file. */
    place: (item: ItemTarget, options?: { copy?: boolean }) => Promise<Results['HANABI_DESKTOP_PLACE']>;
    /** Something that this module has placed, into the Trash. */
    remove: (item: ItemTarget) => Promise<Results['HANABI_DESKTOP_REMOVE']>;
    createShortcut: (
      spec?: Payloads['HANABI_DESKTOP_SHORTCUT'],
    ) => Promise<Results['HANABI_DESKTOP_SHORTCUT']['shortcut']>;
    removeShortcut: (shortcutId: string) => Promise<Results['HANABI_DESKTOP_REMOVE_SHORTCUT']>;
    getAppearance: () => Promise<Results['HANABI_DESKTOP_APPEARANCE']>;
    setAppearance: (patch: Payloads['HANABI_DESKTOP_PERSONALIZE']) => Promise<Results['HANABI_DESKTOP_PERSONALIZE']>;
  };
  fs: {
    list: (target?: FolderTarget) => Promise<Results['HANABI_FS_LIST']>;
    stat: (item: ItemTarget) => Promise<Results['HANABI_FS_STAT']>;
    makeDir: (name: string, parent?: FolderTarget) => Promise<Results['HANABI_FS_MKDIR']>;
    rename: (item: ItemTarget, name: string) => Promise<Results['HANABI_FS_RENAME']>;
    move: (item: ItemTarget, destination?: FolderTarget) => Promise<Results['HANABI_FS_MOVE']>;
    copy: (fileId: string, destination?: FolderTarget) => Promise<Results['HANABI_FS_COPY']>;
    /** Into the Trash, where the user can restore it. */
    remove: (item: ItemTarget) => Promise<Results['HANABI_FS_DELETE']>;
  };
}

export function createHanabiClient({ window: page = window }: ClientOptions = {}): HanabiClient {
  const { call: send, dispose, onEvent } = openConnection(page);
  let readySent = false;
  const call: Connection['call'] = (type, ...rest) => {
    readySent ||= type === 'HANABI_READY';
    return send(type, ...rest);
  };
  const takeDrops = (payload?: Payloads['HANABI_ENABLE_FILE_DROP']) =>
    call('HANABI_ENABLE_FILE_DROP', payload).catch((error: unknown) => console.error(error));

  return {
    call,
    dispose,
    ready: () => call('HANABI_READY'),
    getContext: () => call(readySent ? 'HANABI_GET_CONTEXT' : 'HANABI_READY'),
    pickFile: async (accepts) => ({ files: (await call('HANABI_PICK_FILE', { accepts })).files ?? [] }),
    pickUserFile: async (accepts) => ({
      file: (await call('HANABI_PICK_FILE', { accepts, scope: 'user' })).file ?? null,
    }),
    readFile: (fileId: string, encoding?: 'base64' | 'buffer' | 'blob') =>
      call('HANABI_READ_FILE', { fileId, encoding }) as Promise<never>,
    openMedia: (fileId) => call('HANABI_OPEN_MEDIA', { fileId }),
    writeFile: (name, content, folderRole, subpath) =>
      call('HANABI_WRITE_FILE', {
        name,
        folderRole,
        subpath,
        ...(typeof content === 'string' ? { bytesB64: content } : { bytes: content }),
      }),
    getSetting: async (key) => (await call('HANABI_GET_SETTING', { key })).value,
    setSetting: (key, value) => call('HANABI_SET_SETTING', { key, value }),
    notify: (message, options) => call('HANABI_NOTIFY', { ...options, message }),
    setBadge: (count) => call('HANABI_SET_BADGE', { count }),
    openFolder: (folderRole) => call('HANABI_OPEN_FOLDER', { folderRole }),
    createJob: (options, inputRefs, onProgress, onOutput) =>
      call(
        'HANABI_CREATE_JOB',
        { options, inputRefs, ...((onProgress || onOutput) && { stream: true, confirm: true }) },
        onProgress,
        onOutput,
      ),
    listJobs: () => call('HANABI_LIST_JOBS'),
    queue: {
      enqueue: (options, inputRefs) => call('HANABI_QUEUE_TASK', { options, inputRefs }),
      get: (jobId) => call('HANABI_GET_JOB', { jobId }),
      cancel: (jobId) => call('HANABI_CANCEL_JOB', { jobId }),
      list: () => call('HANABI_LIST_JOBS'),
    },
    schedules: {
      list: () => call('HANABI_SCHEDULE_LIST'),
      create: (spec) => call('HANABI_SCHEDULE_CREATE', spec),
      toggle: (scheduleId, enabled) => call('HANABI_SCHEDULE_TOGGLE', { scheduleId, enabled }),
      delete: (scheduleId) => call('HANABI_SCHEDULE_DELETE', { scheduleId }),
    },
    services: {
      status: () => call('HANABI_SERVICE_STATUS'),
      start: () => call('HANABI_SERVICE_START'),
      stop: () => call('HANABI_SERVICE_STOP'),
      restart: () => call('HANABI_SERVICE_RESTART'),
      tick: () => call('HANABI_SERVICE_TICK'),
      log: (options) => call('HANABI_SERVICE_LOG', options),
      state: async () => (await call('HANABI_SERVICE_STATE')).state,
      setState: (key, value) => call('HANABI_SERVICE_SET_STATE', { key, value }),
      monitor: () => call('HANABI_SERVICE_MONITOR'),
    },
    workflows: {
      start: (wish) => call('HANABI_WORKFLOW_START', wish),
      signal: (wish) => call('HANABI_WORKFLOW_SIGNAL', wish),
      query: async (wish) => (await call('HANABI_WORKFLOW_QUERY', wish)).value,
      update: (wish) => call('HANABI_WORKFLOW_UPDATE', wish),
      result: (wish) => call('HANABI_WORKFLOW_RESULT', wish),
      list: async (wish) => (await call('HANABI_WORKFLOW_LIST', wish)).workflows,
      cancel: (wish) => call('HANABI_WORKFLOW_CANCEL', wish),
      completeActivity: (wish) => call('HANABI_WORKFLOW_COMPLETE_ACTIVITY', wish),
      failActivity: (wish) => call('HANABI_WORKFLOW_FAIL_ACTIVITY', wish),
      heartbeat: (wish) => call('HANABI_WORKFLOW_HEARTBEAT', wish),
    },
    onFilesDropped: (listener) => {
      // A drag that begins right above the frame is known to this page only, and the host has to take it over.
      const dragged = ({ dataTransfer }: DragEvent) => {
        if (dataTransfer?.types.includes('Files')) void takeDrops({ dragging: true });
      };
      void takeDrops();
      page.addEventListener('dragenter', dragged);
      const stop = onEvent('HANABI_FILES_DROPPED', ({ files }) => listener(files));
      return () => {
        page.removeEventListener('dragenter', dragged);
        stop();
      };
    },
    storageUsage: () => call('HANABI_STORAGE_USAGE'),
    listModules: () => call('HANABI_LIST_MODULES'),
    sendToModule: (moduleId, fileId) => call('HANABI_SEND_TO_MODULE', { moduleId, fileId }),
    data: {
      collections: () => call('HANABI_DATA_LIST_COLLECTIONS'),
      list: (collection, options) => call('HANABI_DATA_LIST', { ...options, collection }),
      get: (collection, id) => call('HANABI_DATA_GET', { collection, id }),
      put: (collection, data, id, options) => call('HANABI_DATA_PUT', { ...options, collection, data, id }),
      query: (collection, where, limit) => call('HANABI_DATA_QUERY', { collection, where, limit }),
      delete: (collection, id, options) => call('HANABI_DATA_DELETE', { ...options, collection, id }),
      onChanged: (listener) =>
        onEvent('HANABI_DATA_CHANGED', ({ collection, id, version }) => listener({ collection, id, version })),
    },
    desktop: {
      list: () => call('HANABI_DESKTOP_LIST'),
      place: (item, options) => call('HANABI_DESKTOP_PLACE', { ...item, ...options }),
      remove: (item) => call('HANABI_DESKTOP_REMOVE', item),
      createShortcut: async (spec) => (await call('HANABI_DESKTOP_SHORTCUT', spec)).shortcut,
      removeShortcut: (shortcutId) => call('HANABI_DESKTOP_REMOVE_SHORTCUT', { shortcutId }),
      getAppearance: () => call('HANABI_DESKTOP_APPEARANCE'),
      setAppearance: (patch) => call('HANABI_DESKTOP_PERSONALIZE', patch),
    },
    fs: {
      list: (target) => call('HANABI_FS_LIST', folder(target, 'folderRole', 'folderId')),
      stat: (item) => call('HANABI_FS_STAT', item),
      makeDir: (name, parent) =>
        call('HANABI_FS_MKDIR', { name, ...folder(parent, 'parentFolderRole', 'parentFolderId') }),
      rename: (item, name) => call('HANABI_FS_RENAME', { ...item, name }),
      move: (item, to) => call('HANABI_FS_MOVE', { ...item, ...folder(to, 'destFolderRole', 'destFolderId') }),
      copy: (fileId, to) => call('HANABI_FS_COPY', { fileId, ...folder(to, 'destFolderRole', 'destFolderId') }),
      remove: (item) => call('HANABI_FS_DELETE', item),
    },
  };
}

/** Under the names that the message has for it. What is neither travels too, so that the host can refuse it. */
function folder(target: FolderTarget | undefined, role: string, id: string): Record<string, string> {
  if (typeof target === 'string') return { [role]: target };
  const names: Record<string, string> = { folderRole: role, folderId: id };
  return Object.fromEntries(Object.entries(target ?? {}).map(([key, value]) => [names[key] ?? key, value]));
}

// @hanabi/module-sdk, bundled from packages/module-sdk/src by `npm run generate`; changes made here are lost.

// packages/module-sdk/src/base64.ts
var CHUNK_BYTES = 3 * 8192;
function bytesToBase64(bytes) {
  const native = bytes;
  if (native.toBase64) return native.toBase64();
  const parts = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES))));
  }
  return parts.join("");
}
function base64ToBytes(text) {
  const native = Uint8Array;
  if (native.fromBase64) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

// packages/module-sdk/src/hanabi-error.ts
var HanabiError = class extends Error {
  code;
  category;
  /** Last lines that a worker printed, when a job failed. */
  log;
  jobId;
  /** Where the operator finds the cause of an internal failure. */
  requestId;
  constructor(body) {
    super(body.message);
    this.name = "HanabiError";
    this.code = body.code;
    this.category = body.category;
    this.log = body.log;
    this.jobId = body.jobId;
    this.requestId = body.requestId;
  }
};

// packages/module-sdk/src/connection.ts
var CONFIRMED_EVERY = 16;
function openConnection(page) {
  const host = page.parent;
  const pending = /* @__PURE__ */ new Map();
  const ridPrefix = crypto.getRandomValues(new Uint32Array(4)).join("-");
  let ridCount = 0;
  let disposed = false;
  const listeners = /* @__PURE__ */ new Set();
  const ports = [];
  function receive({ data: message, ports: handedOver }) {
    const request = pending.get(message?.rid);
    if (!request) {
      if (message?.type === "HANABI_PING") return sayAlive();
      if (typeof message?.type === "string") for (const listener of listeners) listener(message);
      return;
    }
    if (message.type !== `${request.type}_RESULT`) {
      receiveEvent(request, message);
      request.taken += 1;
      if (request.taken % CONFIRMED_EVERY === 0) {
        send({ v: 1, type: "HANABI_EVENTS_TAKEN", rid: message.rid, count: request.taken });
      }
      return;
    }
    pending.delete(message.rid);
    if (message.ok !== true) return request.reject(new HanabiError(errorBodyOf(message.error)));
    const port = handedOver?.[0];
    if (port && request.type === "HANABI_READY") {
      port.addEventListener("message", receive);
      port.start();
      ports.unshift(port);
      sayAlive();
    }
    request.resolve(message.data);
  }
  function receiveFromWindow(event) {
    if (event.source === host) receive(event);
  }
  function send(message) {
    const port = ports[0];
    if (!port) return host.postMessage(message, "*");
    port.postMessage(message);
  }
  function sayAlive(last = false) {
    send({ v: 1, type: "HANABI_ALIVE", rid: ridPrefix, ...last && { last } });
  }
  page.addEventListener("message", receiveFromWindow);
  return {
    call: (type, payload, onProgress, onOutput) => new Promise((resolve, reject) => {
      if (disposed) return reject(disposedError());
      if (host === page) return reject(failure("HANABI-M003", "PERMISSION_DENIED", "Open this page in the desktop"));
      ridCount += 1;
      const rid = `${ridPrefix}-${ridCount}`;
      pending.set(rid, { type, resolve, reject, onProgress, onOutput, taken: 0 });
      try {
        send({ ...payload, v: 1, type, rid });
      } catch (error) {
        pending.delete(rid);
        reject(failure("HANABI-V002", "INVALID", `Malformed payload: ${String(error)}`));
      }
    }),
    onEvent(type, listener) {
      const hear = (message) => {
        if (message.type === type) listener(message);
      };
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    dispose() {
      listeners.clear();
      disposed = true;
      page.removeEventListener("message", receiveFromWindow);
      if (ports.length > 0) sayAlive(true);
      for (const port of ports) port.close();
      for (const request of pending.values()) request.reject(disposedError());
      pending.clear();
    }
  };
}
function receiveEvent({ onProgress, onOutput }, event) {
  try {
    if (event.type === "HANABI_JOB_PROGRESS") {
      const { jobId, progressPct, message } = event;
      onProgress?.({ jobId, progressPct, message });
    } else if (event.type === "HANABI_JOB_OUTPUT") {
      const { jobId, seq, chunk, encoding } = event;
      onOutput?.({ jobId, seq, chunk, encoding });
    }
  } catch (error) {
    console.error(error);
  }
}
function errorBodyOf(error) {
  return typeof error?.code === "string" ? error : malformedReply;
}
var malformedReply = { code: "HANABI-V001", category: "INVALID", message: "Malformed reply of the host" };
function failure(code, category, message) {
  return new HanabiError({ code, category, message });
}
function disposedError() {
  return failure("HANABI-M006", "UNAVAILABLE", "This client was disposed");
}

// packages/module-sdk/src/client.ts
function createHanabiClient({ window: page = window } = {}) {
  const { call: send, dispose, onEvent } = openConnection(page);
  let readySent = false;
  const call = (type, ...rest) => {
    readySent ||= type === "HANABI_READY";
    return send(type, ...rest);
  };
  const takeDrops = (payload) => call("HANABI_ENABLE_FILE_DROP", payload).catch((error) => console.error(error));
  return {
    call,
    dispose,
    ready: () => call("HANABI_READY"),
    getContext: () => call(readySent ? "HANABI_GET_CONTEXT" : "HANABI_READY"),
    pickFile: async (accepts) => ({ files: (await call("HANABI_PICK_FILE", { accepts })).files ?? [] }),
    pickUserFile: async (accepts) => ({
      file: (await call("HANABI_PICK_FILE", { accepts, scope: "user" })).file ?? null
    }),
    readFile: (fileId, encoding) => call("HANABI_READ_FILE", { fileId, encoding }),
    openMedia: (fileId) => call("HANABI_OPEN_MEDIA", { fileId }),
    writeFile: (name, content, folderRole, subpath) => call("HANABI_WRITE_FILE", {
      name,
      folderRole,
      subpath,
      ...typeof content === "string" ? { bytesB64: content } : { bytes: content }
    }),
    getSetting: async (key) => (await call("HANABI_GET_SETTING", { key })).value,
    setSetting: (key, value) => call("HANABI_SET_SETTING", { key, value }),
    notify: (message, options) => call("HANABI_NOTIFY", { ...options, message }),
    setBadge: (count) => call("HANABI_SET_BADGE", { count }),
    openFolder: (folderRole) => call("HANABI_OPEN_FOLDER", { folderRole }),
    createJob: (options, inputRefs, onProgress, onOutput) => call(
      "HANABI_CREATE_JOB",
      { options, inputRefs, ...(onProgress || onOutput) && { stream: true, confirm: true } },
      onProgress,
      onOutput
    ),
    listJobs: () => call("HANABI_LIST_JOBS"),
    queue: {
      enqueue: (options, inputRefs) => call("HANABI_QUEUE_TASK", { options, inputRefs }),
      get: (jobId) => call("HANABI_GET_JOB", { jobId }),
      cancel: (jobId) => call("HANABI_CANCEL_JOB", { jobId }),
      list: () => call("HANABI_LIST_JOBS")
    },
    schedules: {
      list: () => call("HANABI_SCHEDULE_LIST"),
      create: (spec) => call("HANABI_SCHEDULE_CREATE", spec),
      toggle: (scheduleId, enabled) => call("HANABI_SCHEDULE_TOGGLE", { scheduleId, enabled }),
      delete: (scheduleId) => call("HANABI_SCHEDULE_DELETE", { scheduleId })
    },
    services: {
      status: () => call("HANABI_SERVICE_STATUS"),
      start: () => call("HANABI_SERVICE_START"),
      stop: () => call("HANABI_SERVICE_STOP"),
      restart: () => call("HANABI_SERVICE_RESTART"),
      tick: () => call("HANABI_SERVICE_TICK"),
      log: (options) => call("HANABI_SERVICE_LOG", options),
      state: async () => (await call("HANABI_SERVICE_STATE")).state,
      setState: (key, value) => call("HANABI_SERVICE_SET_STATE", { key, value }),
      monitor: () => call("HANABI_SERVICE_MONITOR")
    },
    workflows: {
      start: (wish) => call("HANABI_WORKFLOW_START", wish),
      signal: (wish) => call("HANABI_WORKFLOW_SIGNAL", wish),
      query: async (wish) => (await call("HANABI_WORKFLOW_QUERY", wish)).value,
      update: (wish) => call("HANABI_WORKFLOW_UPDATE", wish),
      result: (wish) => call("HANABI_WORKFLOW_RESULT", wish),
      list: async (wish) => (await call("HANABI_WORKFLOW_LIST", wish)).workflows,
      cancel: (wish) => call("HANABI_WORKFLOW_CANCEL", wish),
      completeActivity: (wish) => call("HANABI_WORKFLOW_COMPLETE_ACTIVITY", wish),
      failActivity: (wish) => call("HANABI_WORKFLOW_FAIL_ACTIVITY", wish),
      heartbeat: (wish) => call("HANABI_WORKFLOW_HEARTBEAT", wish)
    },
    onFilesDropped: (listener) => {
      const dragged = ({ dataTransfer }) => {
        if (dataTransfer?.types.includes("Files")) void takeDrops({ dragging: true });
      };
      void takeDrops();
      page.addEventListener("dragenter", dragged);
      const stop = onEvent("HANABI_FILES_DROPPED", ({ files }) => listener(files));
      return () => {
        page.removeEventListener("dragenter", dragged);
        stop();
      };
    },
    storageUsage: () => call("HANABI_STORAGE_USAGE"),
    listModules: () => call("HANABI_LIST_MODULES"),
    sendToModule: (moduleId, fileId) => call("HANABI_SEND_TO_MODULE", { moduleId, fileId }),
    data: {
      collections: () => call("HANABI_DATA_LIST_COLLECTIONS"),
      list: (collection, options) => call("HANABI_DATA_LIST", { ...options, collection }),
      get: (collection, id) => call("HANABI_DATA_GET", { collection, id }),
      put: (collection, data, id, options) => call("HANABI_DATA_PUT", { ...options, collection, data, id }),
      query: (collection, where, limit) => call("HANABI_DATA_QUERY", { collection, where, limit }),
      delete: (collection, id, options) => call("HANABI_DATA_DELETE", { ...options, collection, id }),
      onChanged: (listener) => onEvent("HANABI_DATA_CHANGED", ({ collection, id, version }) => listener({ collection, id, version }))
    },
    desktop: {
      list: () => call("HANABI_DESKTOP_LIST"),
      place: (item, options) => call("HANABI_DESKTOP_PLACE", { ...item, ...options }),
      remove: (item) => call("HANABI_DESKTOP_REMOVE", item),
      createShortcut: async (spec) => (await call("HANABI_DESKTOP_SHORTCUT", spec)).shortcut,
      removeShortcut: (shortcutId) => call("HANABI_DESKTOP_REMOVE_SHORTCUT", { shortcutId }),
      getAppearance: () => call("HANABI_DESKTOP_APPEARANCE"),
      setAppearance: (patch) => call("HANABI_DESKTOP_PERSONALIZE", patch)
    },
    fs: {
      list: (target) => call("HANABI_FS_LIST", folder(target, "folderRole", "folderId")),
      stat: (item) => call("HANABI_FS_STAT", item),
      makeDir: (name, parent) => call("HANABI_FS_MKDIR", { name, ...folder(parent, "parentFolderRole", "parentFolderId") }),
      rename: (item, name) => call("HANABI_FS_RENAME", { ...item, name }),
      move: (item, to) => call("HANABI_FS_MOVE", { ...item, ...folder(to, "destFolderRole", "destFolderId") }),
      copy: (fileId, to) => call("HANABI_FS_COPY", { fileId, ...folder(to, "destFolderRole", "destFolderId") }),
      remove: (item) => call("HANABI_FS_DELETE", item)
    }
  };
}
function folder(target, role, id) {
  if (typeof target === "string") return { [role]: target };
  const names = { folderRole: role, folderId: id };
  return Object.fromEntries(Object.entries(target ?? {}).map(([key, value]) => [names[key] ?? key, value]));
}
export {
  HanabiError,
  base64ToBytes,
  bytesToBase64,
  createHanabiClient
};

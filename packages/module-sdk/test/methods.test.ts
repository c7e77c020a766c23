import { CAPABILITIES, CAPABILITY_TYPES, type CapabilityType } from '@hanabi/protocol';
import { expect, test } from 'vitest';
import { createHanabiClient, type HanabiClient } from '../src/index.ts';
import { fakeHost } from './fake-host.ts';

/** How a module calls each method: the request that must result, the host's answer, and what the caller gets. */
const calls: Record<
  string,
  { call: (client: HanabiClient) => Promise<unknown>; type: CapabilityType; data?: unknown; gets?: unknown }
> = {
  ready: { call: (client) => client.ready(), type: 'HANABI_READY' },
  getContext: { call: (client) => client.getContext(), type: 'HANABI_READY' },
  pickFile: { call: (client) => client.pickFile(['png']), type: 'HANABI_PICK_FILE', data: { files: [1] } },
  pickFileNone: { call: (client) => client.pickFile(), type: 'HANABI_PICK_FILE', data: {}, gets: { files: [] } },
  pickUserFile: {
    call: (client) => client.pickUserFile(['png']),
    type: 'HANABI_PICK_FILE',
    data: { file: { id: 'f' } },
  },
  pickUserFileNone: {
    call: (client) => client.pickUserFile(),
    type: 'HANABI_PICK_FILE',
    data: {},
    gets: { file: null },
  },
  readFile: { call: (client) => client.readFile('f-1'), type: 'HANABI_READ_FILE' },
  writeFile: { call: (client) => client.writeFile('a.txt', 'aGk=', 'output', 'b/c'), type: 'HANABI_WRITE_FILE' },
  writeFileDefault: { call: (client) => client.writeFile('a.txt', 'aGk='), type: 'HANABI_WRITE_FILE' },
  getSetting: {
    call: (client) => client.getSetting('key'),
    type: 'HANABI_GET_SETTING',
    data: { key: 'key', value: [1] },
    gets: [1],
  },
  setSetting: { call: (client) => client.setSetting('key', { a: null }), type: 'HANABI_SET_SETTING' },
  notify: { call: (client) => client.notify('hi', { title: 'T', tone: 'success' }), type: 'HANABI_NOTIFY' },
  setBadge: { call: (client) => client.setBadge(3), type: 'HANABI_SET_BADGE' },
  'desktop.list': { call: (client) => client.desktop.list(), type: 'HANABI_DESKTOP_LIST' },
  'desktop.place': {
    call: (client) => client.desktop.place({ fileId: 'f-1' }, { copy: true }),
    type: 'HANABI_DESKTOP_PLACE',
  },
  'desktop.remove': { call: (client) => client.desktop.remove({ folderId: 'd-1' }), type: 'HANABI_DESKTOP_REMOVE' },
  'desktop.createShortcut': {
    call: (client) => client.desktop.createShortcut({ label: 'New note', action: 'new-note' }),
    type: 'HANABI_DESKTOP_SHORTCUT',
    data: { shortcut: { id: 's-1', label: 'New note' } },
    gets: { id: 's-1', label: 'New note' },
  },
  'desktop.removeShortcut': {
    call: (client) => client.desktop.removeShortcut('s-1'),
    type: 'HANABI_DESKTOP_REMOVE_SHORTCUT',
  },
  'desktop.getAppearance': { call: (client) => client.desktop.getAppearance(), type: 'HANABI_DESKTOP_APPEARANCE' },
  'desktop.setAppearance': {
    call: (client) => client.desktop.setAppearance({ theme: 'dark' }),
    type: 'HANABI_DESKTOP_PERSONALIZE',
  },
  openFolder: { call: (client) => client.openFolder(), type: 'HANABI_OPEN_FOLDER' },
  createJob: { call: (client) => client.createJob({ a: 1 }, ['f-1'], () => {}), type: 'HANABI_CREATE_JOB' },
  'queue.enqueue': { call: (client) => client.queue.enqueue({ a: 1 }, ['f-1']), type: 'HANABI_QUEUE_TASK' },
  'queue.get': { call: (client) => client.queue.get('j-1'), type: 'HANABI_GET_JOB' },
  'queue.cancel': { call: (client) => client.queue.cancel('j-1'), type: 'HANABI_CANCEL_JOB' },
  'queue.list': { call: (client) => client.queue.list(), type: 'HANABI_LIST_JOBS' },
  'schedules.list': { call: (client) => client.schedules.list(), type: 'HANABI_SCHEDULE_LIST' },
  'schedules.create': {
    call: (client) => client.schedules.create({ name: 'n', trigger: { seconds: 3600 }, options: {} }),
    type: 'HANABI_SCHEDULE_CREATE',
  },
  'schedules.toggle': { call: (client) => client.schedules.toggle('s-1', false), type: 'HANABI_SCHEDULE_TOGGLE' },
  'schedules.delete': { call: (client) => client.schedules.delete('s-1'), type: 'HANABI_SCHEDULE_DELETE' },
  listJobs: { call: (client) => client.listJobs(), type: 'HANABI_LIST_JOBS' },
  readFileBuffer: { call: (client) => client.readFile('f-1', 'buffer'), type: 'HANABI_READ_FILE' },
  writeFileBytes: { call: (client) => client.writeFile('a.bin', new Uint8Array([1, 2])), type: 'HANABI_WRITE_FILE' },
  openMedia: { call: (client) => client.openMedia('f-1'), type: 'HANABI_OPEN_MEDIA' },
  storageUsage: { call: (client) => client.storageUsage(), type: 'HANABI_STORAGE_USAGE' },
  listModules: { call: (client) => client.listModules(), type: 'HANABI_LIST_MODULES' },
  sendToModule: { call: (client) => client.sendToModule('image-viewer', 'f-1'), type: 'HANABI_SEND_TO_MODULE' },
  'services.status': { call: (client) => client.services.status(), type: 'HANABI_SERVICE_STATUS' },
  'services.start': { call: (client) => client.services.start(), type: 'HANABI_SERVICE_START' },
  'services.stop': { call: (client) => client.services.stop(), type: 'HANABI_SERVICE_STOP' },
  'services.restart': { call: (client) => client.services.restart(), type: 'HANABI_SERVICE_RESTART' },
  'services.tick': { call: (client) => client.services.tick(), type: 'HANABI_SERVICE_TICK' },
  'services.log': { call: (client) => client.services.log({ after: 3 }), type: 'HANABI_SERVICE_LOG' },
  'services.state': {
    call: (client) => client.services.state(),
    type: 'HANABI_SERVICE_STATE',
    data: { state: { a: '1' } },
    gets: { a: '1' },
  },
  'services.setState': {
    call: (client) => client.services.setState('limit', { a: [1] }),
    type: 'HANABI_SERVICE_SET_STATE',
  },
  'services.monitor': { call: (client) => client.services.monitor(), type: 'HANABI_SERVICE_MONITOR' },
  'workflows.start': {
    call: (client) => client.workflows.start({ workflow: 'Approval', args: ['a'] }),
    type: 'HANABI_WORKFLOW_START',
  },
  'workflows.signal': {
    call: (client) => client.workflows.signal({ id: 'w', signal: 'decide' }),
    type: 'HANABI_WORKFLOW_SIGNAL',
  },
  'workflows.query': {
    call: (client) => client.workflows.query({ id: 'w', query: 'waits' }),
    type: 'HANABI_WORKFLOW_QUERY',
    data: { value: true },
    gets: true,
  },
  'workflows.update': {
    call: (client) => client.workflows.update({ id: 'w', update: 'decide' }),
    type: 'HANABI_WORKFLOW_UPDATE',
  },
  'workflows.result': { call: (client) => client.workflows.result({ id: 'w' }), type: 'HANABI_WORKFLOW_RESULT' },
  'workflows.list': {
    call: (client) => client.workflows.list(),
    type: 'HANABI_WORKFLOW_LIST',
    data: { workflows: [] },
    gets: [],
  },
  'workflows.cancel': { call: (client) => client.workflows.cancel({ id: 'w' }), type: 'HANABI_WORKFLOW_CANCEL' },
  'workflows.completeActivity': {
    call: (client) => client.workflows.completeActivity({ id: 'w', activityId: 'a' }),
    type: 'HANABI_WORKFLOW_COMPLETE_ACTIVITY',
  },
  'workflows.failActivity': {
    call: (client) => client.workflows.failActivity({ id: 'w', activityId: 'a', message: 'no' }),
    type: 'HANABI_WORKFLOW_FAIL_ACTIVITY',
  },
  'workflows.heartbeat': {
    call: (client) => client.workflows.heartbeat({ id: 'w', activityId: 'a' }),
    type: 'HANABI_WORKFLOW_HEARTBEAT',
  },
  'data.collections': { call: (client) => client.data.collections(), type: 'HANABI_DATA_LIST_COLLECTIONS' },
  'data.list': { call: (client) => client.data.list('c'), type: 'HANABI_DATA_LIST' },
  'data.list after': { call: (client) => client.data.list('c', { limit: 5, after: '7' }), type: 'HANABI_DATA_LIST' },
  'data.get': { call: (client) => client.data.get('c', 'x'), type: 'HANABI_DATA_GET', data: null, gets: null },
  'data.put': { call: (client) => client.data.put('c', { a: [null] }), type: 'HANABI_DATA_PUT' },
  'data.put over a version': {
    call: (client) => client.data.put('c', 'text', 'x', { ifVersion: 3 }),
    type: 'HANABI_DATA_PUT',
  },
  'data.query': { call: (client) => client.data.query('c', { n: 1, s: null }, 5), type: 'HANABI_DATA_QUERY' },
  'data.query all': { call: (client) => client.data.query('c'), type: 'HANABI_DATA_QUERY' },
  'data.delete': { call: (client) => client.data.delete('c', 'x'), type: 'HANABI_DATA_DELETE' },
  'fs.list': { call: (client) => client.fs.list(), type: 'HANABI_FS_LIST' },
  'fs.list by id': { call: (client) => client.fs.list({ folderId: 'd-1' }), type: 'HANABI_FS_LIST' },
  'fs.stat': { call: (client) => client.fs.stat({ fileId: 'f-1' }), type: 'HANABI_FS_STAT' },
  'fs.makeDir': { call: (client) => client.fs.makeDir('new', 'output'), type: 'HANABI_FS_MKDIR' },
  'fs.rename': { call: (client) => client.fs.rename({ folderId: 'd-1' }, 'new'), type: 'HANABI_FS_RENAME' },
  'fs.move': { call: (client) => client.fs.move({ fileId: 'f-1' }, 'workspace'), type: 'HANABI_FS_MOVE' },
  'fs.copy': { call: (client) => client.fs.copy('f-1', { folderId: 'd-1' }), type: 'HANABI_FS_COPY' },
  'fs.remove': { call: (client) => client.fs.remove({ fileId: 'f-1' }), type: 'HANABI_FS_DELETE' },
};

test.each(Object.entries(calls))('%s sends a payload that its row accepts', async (_, { call, type, data, gets }) => {
  const host = fakeHost();
  const answer = call(createHanabiClient({ window: host.window }));
  const { v, type: sentType, rid, ...payload } = host.sent[0]!;
  expect({ v, sentType }).toEqual({ v: 1, sentType: type });
  const row = CAPABILITIES[type];
  expect(row.payload.safeParse(payload).error).toBeUndefined();
  const reply = data ?? { any: 'thing' };
  host.reply({ v, type, rid }, { ok: true, data: reply });
  expect(await answer).toEqual(gets ?? reply);
});

test('every row of the table has a method, and each of them was called above', () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  for (const type of CAPABILITY_TYPES) {
    const method = CAPABILITIES[type].sdk;
    const found = method.split('.').reduce<unknown>((place, name) => Reflect.get(place as object, name), client);
    expect(found, method).toBeTypeOf('function');
    // onFilesDropped answers nothing but events, and has tests of its own.
    if (method !== 'onFilesDropped') expect(Object.keys(calls), method).toContain(method);
  }
});

test('pickUserFile is the row’s scope "user"', () => {
  const host = fakeHost();
  void createHanabiClient({ window: host.window }).pickUserFile(['jpg']);
  expect(host.sent[0]).toMatchObject({ accepts: ['jpg'], scope: 'user' });
});

test('a folder is named by its role, also in an object, or by its id; anything else is for the host to refuse', () => {
  const host = fakeHost();
  const { fs } = createHanabiClient({ window: host.window });
  void fs.list({ folderRole: 'output' });
  void fs.move({ fileId: 'f-1' }, { folderRole: 'workspace' });
  void fs.makeDir('Drafts', { folderId: 'root' });
  // @ts-expect-error -- not a name that it knows
  void fs.list({ role: 'output' });
  expect(host.sent[0]).toMatchObject({ folderRole: 'output' });
  expect(host.sent[1]).toMatchObject({ fileId: 'f-1', destFolderRole: 'workspace' });
  expect(host.sent[2]).toMatchObject({ name: 'Drafts', parentFolderId: 'root' });
  expect(host.sent[3]).toMatchObject({ role: 'output' });
});

test('the first getContext says READY; once READY was sent, it asks for the context', () => {
  const host = fakeHost();
  const client = createHanabiClient({ window: host.window });
  void client.getContext();
  void client.getContext();
  void client.ready();
  expect(host.sent.map((message) => message.type)).toEqual(['HANABI_READY', 'HANABI_GET_CONTEXT', 'HANABI_READY']);
});

test('after ready, or after READY by call, getContext asks for the context', () => {
  const host = fakeHost();
  const [first, second] = [createHanabiClient({ window: host.window }), createHanabiClient({ window: host.window })];
  void first.ready();
  void second.call('HANABI_READY', {});
  void first.getContext();
  void second.getContext();
  expect(host.sent.slice(2).map((message) => message.type)).toEqual(['HANABI_GET_CONTEXT', 'HANABI_GET_CONTEXT']);
});

/** One line a capability; a missing or a misspelt one, or a wrong result type, does not compile. */
import type { Handlers } from './call.ts';
import { dataCollections, dataDelete, dataGet, dataList, dataPut, dataQuery } from './data.ts';
import {
  desktopAppearance,
  desktopList,
  desktopPersonalize,
  desktopPlace,
  desktopRemove,
  desktopRemoveShortcut,
  desktopShortcut,
} from './desktop.ts';
import { openMedia, pickFile, readFile, writeFile } from './files.ts';
import { fsCopy, fsList, fsMakeDir, fsMove, fsRemove, fsRename, fsStat } from './file-system.ts';
import { cancelJob, createJob, getJob, listJobs, queueTask } from './jobs.ts';
import { listModules, sendToModule } from './modules.ts';
import { createSchedule, deleteSchedule, listSchedules, toggleSchedule } from './schedules.ts';
import {
  restartService,
  serviceLog,
  serviceMonitor,
  serviceState,
  serviceStatus,
  setServiceState,
  startService,
  stopService,
  tickService,
} from './services.ts';
import { getSetting, setSetting } from './settings.ts';
import { storageUsage } from './storage.ts';
import {
  cancelWorkflow,
  listWorkflows,
  queryWorkflow,
  signalWorkflow,
  startWorkflow,
  updateWorkflow,
  workflowResult,
} from './workflows.ts';

export const handlers: Handlers = {
  HANABI_PICK_FILE: pickFile,
  HANABI_READ_FILE: readFile,
  HANABI_OPEN_MEDIA: openMedia,
  HANABI_WRITE_FILE: writeFile,
  HANABI_FS_LIST: fsList,
  HANABI_FS_STAT: fsStat,
  HANABI_FS_MKDIR: fsMakeDir,
  HANABI_FS_RENAME: fsRename,
  HANABI_FS_MOVE: fsMove,
  HANABI_FS_COPY: fsCopy,
  HANABI_FS_DELETE: fsRemove,
  HANABI_STORAGE_USAGE: storageUsage,
  HANABI_GET_SETTING: getSetting,
  HANABI_SET_SETTING: setSetting,
  HANABI_DATA_LIST_COLLECTIONS: dataCollections,
  HANABI_DATA_LIST: dataList,
  HANABI_DATA_GET: dataGet,
  HANABI_DATA_PUT: dataPut,
  HANABI_DATA_QUERY: dataQuery,
  HANABI_DATA_DELETE: dataDelete,
  HANABI_LIST_MODULES: listModules,
  HANABI_SEND_TO_MODULE: sendToModule,
  HANABI_CREATE_JOB: createJob,
  HANABI_LIST_JOBS: listJobs,
  HANABI_QUEUE_TASK: queueTask,
  HANABI_GET_JOB: getJob,
  HANABI_CANCEL_JOB: cancelJob,
  HANABI_SCHEDULE_LIST: listSchedules,
  HANABI_SCHEDULE_CREATE: createSchedule,
  HANABI_SCHEDULE_TOGGLE: toggleSchedule,
  HANABI_SCHEDULE_DELETE: deleteSchedule,
  HANABI_SERVICE_STATUS: serviceStatus,
  HANABI_SERVICE_START: startService,
  HANABI_SERVICE_STOP: stopService,
  HANABI_SERVICE_RESTART: restartService,
  HANABI_SERVICE_TICK: tickService,
  HANABI_SERVICE_LOG: serviceLog,
  HANABI_SERVICE_STATE: serviceState,
  HANABI_SERVICE_SET_STATE: setServiceState,
  HANABI_SERVICE_MONITOR: serviceMonitor,
  HANABI_DESKTOP_LIST: desktopList,
  HANABI_DESKTOP_PLACE: desktopPlace,
  HANABI_DESKTOP_REMOVE: desktopRemove,
  HANABI_DESKTOP_SHORTCUT: desktopShortcut,
  HANABI_DESKTOP_REMOVE_SHORTCUT: desktopRemoveShortcut,
  HANABI_DESKTOP_APPEARANCE: desktopAppearance,
  HANABI_DESKTOP_PERSONALIZE: desktopPersonalize,
  HANABI_WORKFLOW_START: startWorkflow,
  HANABI_WORKFLOW_SIGNAL: signalWorkflow,
  HANABI_WORKFLOW_QUERY: queryWorkflow,
  HANABI_WORKFLOW_UPDATE: updateWorkflow,
  HANABI_WORKFLOW_RESULT: workflowResult,
  HANABI_WORKFLOW_LIST: listWorkflows,
  HANABI_WORKFLOW_CANCEL: cancelWorkflow,
};

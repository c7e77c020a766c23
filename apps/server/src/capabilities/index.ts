/** One line a capability; a missing or a misspelt one, or a wrong result type, does not compile. */
import type { Handlers } from './call.ts';
import { pickFile, readFile, writeFile } from './files.ts';
import { createJob, listJobs } from './jobs.ts';
import { getSetting, setSetting } from './settings.ts';

export const handlers: Handlers = {
  HANABI_PICK_FILE: pickFile,
  HANABI_READ_FILE: readFile,
  HANABI_WRITE_FILE: writeFile,
  HANABI_GET_SETTING: getSetting,
  HANABI_SET_SETTING: setSetting,
  HANABI_CREATE_JOB: createJob,
  HANABI_LIST_JOBS: listJobs,
};

export type { FileRef, FolderRole, InputRef, Job, ModuleContext, Tone } from '@hanabi/protocol';
export { base64ToBytes, bytesToBase64 } from './base64.ts';
export {
  type ClientOptions,
  type Content,
  createHanabiClient,
  type FolderTarget,
  type HanabiClient,
  type ItemTarget,
} from './client.ts';
export type { OnOutput, OnProgress } from './connection.ts';
export { HanabiError } from './hanabi-error.ts';

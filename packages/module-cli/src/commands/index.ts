import type { Command } from '../command.ts';
import { exportUser } from './export-user.ts';
import { moduleGrant } from './module-grant.ts';
import { moduleInit } from './module-init.ts';
import { moduleRun } from './module-run.ts';
import { moduleValidate } from './module-validate.ts';
import { protocolList } from './protocol-list.ts';
import { storageCheck } from './storage-check.ts';
import { tierList } from './tier-list.ts';
import { workerImageBuild } from './worker-image-build.ts';

export const COMMANDS: readonly Command[] = [
  moduleInit,
  moduleValidate,
  moduleRun,
  moduleGrant,
  protocolList,
  tierList,
  workerImageBuild,
  storageCheck,
  exportUser,
];

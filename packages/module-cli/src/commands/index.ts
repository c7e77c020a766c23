import type { Command } from '../command.ts';
import { backup, restore, scheduleResume, serviceResume, workflowResume } from './backup.ts';
import { executor } from './executor.ts';
import { exportUser } from './export-user.ts';
import { moduleGrant } from './module-grant.ts';
import { moduleInit } from './module-init.ts';
import { moduleKeygen } from './module-keygen.ts';
import { modulePack } from './module-pack.ts';
import { modulePublish } from './module-publish.ts';
import { moduleRun } from './module-run.ts';
import { moduleValidate } from './module-validate.ts';
import { protocolList } from './protocol-list.ts';
import { secretsRotate } from './secrets-rotate.ts';
import { storageCheck } from './storage-check.ts';
import { tierList } from './tier-list.ts';
import { userCommands } from './user.ts';
import { workerImageBuild } from './worker-image-build.ts';
import { workflowCommands } from './workflow.ts';
import { workflowRun } from './workflow-run.ts';

export const COMMANDS: readonly Command[] = [
  moduleInit,
  moduleValidate,
  moduleRun,
  modulePack,
  modulePublish,
  moduleKeygen,
  moduleGrant,
  protocolList,
  tierList,
  workerImageBuild,
  workflowRun,
  ...workflowCommands,
  storageCheck,
  exportUser,
  backup,
  restore,
  scheduleResume,
  serviceResume,
  workflowResume,
  secretsRotate,
  executor,
  ...userCommands,
];

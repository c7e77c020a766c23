import type { Command } from '../command.ts';
import { exportUser } from './export-user.ts';
import { moduleInit } from './module-init.ts';
import { moduleRun } from './module-run.ts';
import { moduleValidate } from './module-validate.ts';
import { protocolList } from './protocol-list.ts';
import { storageCheck } from './storage-check.ts';

export const COMMANDS: readonly Command[] = [
  moduleInit,
  moduleValidate,
  moduleRun,
  protocolList,
  storageCheck,
  exportUser,
];

/**
 * The one table: every message a module may send. What the SDK types, the bridge checks, the server enforces and the
 * reference says all follow from it.
 */
import type * as z from 'zod';
import type { CapabilityRow } from '../schema.ts';
import { data } from './data.ts';
import { desktop } from './desktop.ts';
import { fileSystem } from './file-system.ts';
import { files } from './files.ts';
import { jobs } from './jobs.ts';
import { launch } from './launch.ts';
import { modules } from './modules.ts';
import { notifications } from './notifications.ts';
import { schedules } from './schedules.ts';
import { services } from './services.ts';
import { settings } from './settings.ts';
import { storage } from './storage.ts';
import { workflows } from './workflows.ts';

export const CAPABILITIES = {
  ...launch,
  ...files,
  ...fileSystem,
  ...storage,
  ...settings,
  ...data,
  ...notifications,
  ...desktop,
  ...modules,
  ...jobs,
  ...schedules,
  ...services,
  ...workflows,
} as const;

export type CapabilityType = keyof typeof CAPABILITIES;

type Rows = typeof CAPABILITIES;

/** Computed once; index into them (`Payloads[T]`), never infer from a generic key. */
export type Payloads = { [T in CapabilityType]: z.input<Rows[T]['payload']> };
export type Results = { [T in CapabilityType]: z.output<Rows[T]['result']> };

export type WebCapability = { [T in CapabilityType]: Rows[T]['home'] extends 'web' ? T : never }[CapabilityType];
export type ServerCapability = Exclude<CapabilityType, WebCapability>;

export const CAPABILITY_TYPES = Object.keys(CAPABILITIES) as CapabilityType[];

/** Only own names count, so that "constructor" or "__proto__" is an unknown type. */
export function isCapabilityType(value: unknown): value is CapabilityType {
  return typeof value === 'string' && Object.hasOwn(CAPABILITIES, value);
}

export function capabilityRow(type: CapabilityType): CapabilityRow {
  return CAPABILITIES[type];
}

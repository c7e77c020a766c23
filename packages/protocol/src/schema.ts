/**
 * Shapes that several rows share, and what a row of the capability table is.
 */
import * as z from 'zod';
import type { ErrorCode } from './errors.ts';
import type { Permission } from './permissions.ts';

export const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe('An id that the host handed out.');

export const FileRef = z.object({
  id: Id,
  name: z.string(),
  mime_type: z.string(),
  size_bytes: z.number().int().nonnegative(),
});
export type FileRef = z.infer<typeof FileRef>;

export const FolderRef = z.object({ id: Id, name: z.string() });
export type FolderRef = z.infer<typeof FolderRef>;

export const FOLDER_ROLES = ['input', 'output', 'workspace'] as const;
export const FolderRole = z.enum(FOLDER_ROLES).describe('A folder of the module, by its role.');
export type FolderRole = z.infer<typeof FolderRole>;

/** A job input: the id of a file, or an object that carries it (as pickFile returns). */
export const InputRef = z.union([Id, z.object({ id: Id }), z.object({ fileId: Id })]);
export type InputRef = z.infer<typeof InputRef>;

export function inputRefId(ref: InputRef): string {
  if (typeof ref === 'string') return ref;
  return 'id' in ref ? ref.id : ref.fileId;
}

export const JsonObject = z.record(z.string(), z.json());

/**
 * What an id in a payload must name. The server turns it into the thing itself before a handler runs, or ends the
 * request with HANABI-F001, F002 or F003.
 */
export type ScopeRule =
  | { readonly kind: 'readableFile'; readonly from: string }
  | { readonly kind: 'namedFile'; readonly from: string }
  | { readonly kind: 'readableFiles'; readonly from: string }
  | { readonly kind: 'copySource'; readonly from: string }
  | { readonly kind: 'ownFolder'; readonly from: string | null; readonly fallback: FolderRole }
  | ({ readonly kind: 'readableItem' | 'manageableItem' } & ItemFields)
  | ({ readonly kind: 'readableFolder' | 'manageableFolder' } & FolderFields);

/** The payload names a file or a folder, one of the two. */
interface ItemFields {
  readonly fileFrom: 'fileId';
  readonly folderFrom: 'folderId';
}

/** The payload names a folder by its id, or one of the module's own by its role. */
interface FolderFields {
  readonly from: string;
  readonly roleFrom: string;
  readonly fallback: FolderRole;
}

export const readableFile = <From extends string>(from: From) => ({ kind: 'readableFile', from }) as const;
/** The same, where the payload may leave it out. */
export const namedFile = <From extends string>(from: From) => ({ kind: 'namedFile', from }) as const;
export const readableFiles = <From extends string>(from: From) => ({ kind: 'readableFiles', from }) as const;
/** The folder whose role stands in the payload, or always the fallback where `from` is null. */
export const ownFolder = <From extends string | null>(from: From, fallback: FolderRole) =>
  ({ kind: 'ownFolder', from, fallback }) as const;

export const copySource = <From extends string>(from: From) => ({ kind: 'copySource', from }) as const;

const itemFields = { fileFrom: 'fileId', folderFrom: 'folderId' } as const;
export const readableItem = { kind: 'readableItem', ...itemFields } as const;
export const manageableItem = { kind: 'manageableItem', ...itemFields } as const;

export const readableFolder = <From extends string>(from: From, roleFrom: string, fallback: FolderRole) =>
  ({ kind: 'readableFolder', from, roleFrom, fallback }) as const;
export const manageableFolder = <From extends string>(from: From, roleFrom: string, fallback: FolderRole) =>
  ({ kind: 'manageableFolder', from, roleFrom, fallback }) as const;

/** What the ids of a rule need, in the module's own folders and in the other files of the user. */
export const SCOPE_PERMISSIONS = {
  readableFile: { own: 'files.read', broad: 'files.read.all' },
  namedFile: { own: 'files.read', broad: 'files.read.all' },
  readableFiles: { own: 'files.read', broad: 'files.read.all' },
  readableItem: { own: 'files.read', broad: 'files.read.all' },
  readableFolder: { own: 'files.read', broad: 'files.read.all' },
  copySource: { own: 'files.read', broad: 'files.write.all' },
  manageableItem: { own: 'files.manage', broad: 'files.write.all' },
  manageableFolder: { own: 'files.manage', broad: 'files.write.all' },
} as const satisfies Partial<Record<ScopeRule['kind'], { own: Permission; broad: Permission }>>;

export interface CapabilityRow {
  /** Method of the SDK client. */
  readonly sdk: string;
  readonly summary: string;
  /** Who answers: the shell in the browser, or the server. */
  readonly home: 'web' | 'server';
  /** Permissions that must be declared and granted: all of them, and one of `any`. */
  readonly needs: { readonly all?: readonly Permission[]; readonly any?: readonly Permission[] };
  /** With this value in the payload this permission must be declared too; a dialog of the host asks the user each time. */
  readonly needsWhen?: { readonly field: string; readonly equals: string; readonly declared: Permission };
  /** A permission that lets ids reach beyond the module's own folders. */
  readonly widenedBy?: Permission;
  readonly scope: Readonly<Record<string, ScopeRule>>;
  readonly payload: z.ZodObject;
  readonly result: z.ZodType;
  readonly events?: readonly string[];
  /** What is different after it, so that other windows look again: files of the user, or documents of the module. */
  readonly changes?: 'files' | 'data';
  /** Its answer means something without a window, too: workflows may ask for it as for an activity. */
  readonly windowless?: true;
  /** Codes beyond those that any request may end with (V, P, A, M). */
  readonly errors: readonly ErrorCode[];
  readonly example: Readonly<Record<string, unknown>>;
}

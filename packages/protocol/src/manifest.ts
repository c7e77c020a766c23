/**
 * hanabi.module.json, schema version 5.0. One validator for the command line, the server and the portal: what is
 * valid locally is accepted everywhere.
 */
import * as z from 'zod';
import { CONNECTOR_KINDS } from './connectors/index.ts';
import { isDesktopProgram } from './desktop-programs.ts';
import type { ErrorCode } from './errors.ts';
import { EXTENSION_PATTERN, safeName, safeSubpath } from './file-names.ts';
import { LIMITS, WORKER_TIERS } from './limits.ts';
import { isPermission, nearestPermission, PERMISSION_NAMES } from './permissions.ts';
import { isPythonRequirement } from './python-libraries.ts';
import { FOLDER_ROLES } from './schema.ts';
import { TIER_NAME } from './worker-tiers.ts';

export const MANIFEST_FILE = 'hanabi.module.json';
export const MANIFEST_SCHEMA_VERSION = '5.0';

const Text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text), 'holds control characters');

/** What stands in title bars, menus and dialogs: nothing in it may be invisible or change the order of what follows. */
const DisplayName = (max: number) =>
  Text(max).refine(
    (text) => !/[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text),
    'holds invisible characters',
  );

/** A path inside the package: relative, forward slashes, no "..", not below a ticket. */
const PackagePath = z
  .string()
  .max(512)
  .refine((path) => {
    try {
      return path.length > 0 && !path.startsWith('~') && safeSubpath(path).length > 0;
    } catch {
      return false;
    }
  }, 'must be a relative path inside the package, with forward slashes and no ".."');

const Extension = z
  .string()
  .max(32)
  .transform((text) => text.replace(/^\.+/, '').toLowerCase())
  .pipe(z.string().regex(EXTENSION_PATTERN, 'is not a file name extension'));

const Origin = z
  .string()
  .max(300)
  .refine(isOrigin, 'must be an http(s) origin such as https://api.example.com, without a path');

const clamped = (low: number, high: number, fallback: number) =>
  z
    .number()
    .optional()
    .transform((value) => Math.min(high, Math.max(low, Math.round(value ?? fallback))));

const Folder = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is a lower-case slug'),
  name: DisplayName(64).refine(isSafeName, 'is not a safe folder name'),
  role: z.enum(FOLDER_ROLES),
  path: z.string().max(512),
  create_on_install: z.boolean().default(true),
  allowed_extensions: z.array(Extension).max(64).optional(),
  description: z.string().max(500).default(''),
});
export type ManifestFolder = z.output<typeof Folder>;

const ROOT = /^Modules\/[^/]+$/;

const Filesystem = z
  .strictObject({
    root: z
      .string()
      .max(128)
      .refine((root) => ROOT.test(root) && isSafeName(root.slice('Modules/'.length)), 'has the form "Modules/<Name>"'),
    folders: z.array(Folder).max(16).optional(),
  })
  .superRefine((filesystem, context) => {
    const ids = new Set<string>();
    const seen = new Set<string>();
    for (const [index, folder] of (filesystem.folders ?? []).entries()) {
      if (ids.has(folder.id)) {
        context.addIssue({ code: 'custom', path: ['folders', index, 'id'], message: 'stands twice' });
      }
      ids.add(folder.id);
      const path = ['folders', index, 'path'];
      const below = folder.path.startsWith(`${filesystem.root}/`) ? folder.path.slice(filesystem.root.length + 1) : '';
      if (!isSafeSubpath(below)) {
        context.addIssue({ code: 'custom', path, message: `must lie below "${filesystem.root}/"` });
      }
      const key = folder.path.normalize('NFC').toLowerCase();
      if (seen.has(key)) context.addIssue({ code: 'custom', path, message: 'stands twice' });
      seen.add(key);
    }
  });

const Window = z.strictObject({
  default_width: clamped(240, 3840, 800),
  default_height: clamped(160, 2160, 600),
  min_width: clamped(200, 1920, 320),
  min_height: clamped(120, 1080, 240),
  resizable: z.boolean().default(true),
  allow_multiple: z.boolean().default(true),
});

/** Of a table of ours; what stands twice counts once, for everybody who goes through the list by name. */
const Names = <Name extends string>(names: readonly [Name, ...Name[]], count_max: number) =>
  z
    .array(z.enum(names))
    .max(count_max)
    .overwrite((list) => [...new Set(list)])
    .default([]);

const ManifestShape = z.strictObject({
  $schema: z.string().optional(),
  schema_version: z.literal(MANIFEST_SCHEMA_VERSION),
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]$/, 'is a lower-case slug of 3 to 64 characters')
    .refine((id) => !id.includes('--'), 'has two dashes in a row'),
  name: DisplayName(64)
    .refine(isSafeName, 'must also be a safe folder name')
    .refine((name) => !isDesktopProgram(name), 'is the name of a program of the desktop itself'),
  version: z
    .string()
    .regex(
      /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-[0-9A-Za-z.-]{1,64})?$/,
      'is a semantic version such as 1.0.0',
    ),
  summary: Text(300),
  entrypoints: z.strictObject({
    ui: PackagePath,
    worker: PackagePath.optional(),
    service: PackagePath.optional(),
    workflow: PackagePath.optional(),
  }),
  permissions: Names(PERMISSION_NAMES, 64),
  filesystem: Filesystem.optional(),
  dependencies: z
    .strictObject({
      runtimes: z
        .array(
          z.strictObject({
            name: z.enum(['browser', 'python']),
            version: z.string().max(64),
            required: z.boolean().default(true),
          }),
        )
        .max(8)
        .default([]),
      python: z
        .array(
          z
            .string()
            .max(200)
            .refine(isPythonRequirement, 'is not a requirement such as "pillow>=10.0" (no addresses, no options)'),
        )
        .max(64)
        .default([]),
      node: z.array(z.string().max(200)).max(64).default([]),
      office: z
        .strictObject({
          word: z.boolean().default(false),
          excel: z.boolean().default(false),
          powerpoint: z.boolean().default(false),
        })
        .optional(),
      services: z.array(Origin).max(32).default([]),
      /** What its service reaches with a connection that the user lends to it. */
      connectors: Names(CONNECTOR_KINDS, CONNECTOR_KINDS.length),
    })
    .prefault({}),
  ui: z.strictObject({ window: Window.prefault({}), popouts: z.array(z.json()).max(16).default([]) }).prefault({}),
  desktop: z
    .strictObject({
      file_associations: z.array(Extension).max(64).default([]),
      jump_list: z
        .array(z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/), label: DisplayName(64) }))
        .max(6)
        .default([]),
    })
    .prefault({}),
  worker: z
    .strictObject({
      tier: z.string().regex(TIER_NAME, 'is the name of a tier').default('small'),
      /** How often a job is tried again whose server or sandbox died under it. One that fails by itself never is. */
      retry: z.number().int().min(0).max(LIMITS.job_retries_max).default(0),
      service: z
        .strictObject({ tick_interval: z.number().min(1).max(3600), max_instances: z.number().int().min(1).optional() })
        .optional(),
    })
    .prefault({}),
  portal: z
    .strictObject({
      tags: z.array(Text(32)).max(16).default([]),
      icon_data_url: z
        .string()
        .max(200_000)
        .regex(/^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/, 'is a png, jpeg or webp data URL')
        .optional(),
      /** Why the module needs a permission, for the one who is asked for it. */
      permission_reasons: z
        .partialRecord(z.enum(PERMISSION_NAMES), Text(LIMITS.permission_reason_chars_max))
        .default({}),
      banner_url: z.string().max(500).optional(),
      screenshot_urls: z.array(z.string().max(500)).max(12).default([]),
    })
    .prefault({}),
});

/** What a person may write. */
export type ManifestInput = z.input<typeof ManifestShape>;

/** What a validated manifest is: defaults filled in, numbers clamped, folders always present. */
export type Manifest = Omit<z.output<typeof ManifestShape>, 'filesystem'> & {
  filesystem: { root: string; folders: ManifestFolder[] };
};

export interface ManifestProblem {
  code: ErrorCode;
  /** Where in the file, as "filesystem.folders[0].path"; '' for the file as a whole. */
  path: string;
  message: string;
}

export type ManifestVerdict =
  | { ok: true; manifest: Manifest; problems: [] }
  | { ok: false; manifest?: undefined; problems: ManifestProblem[] };

/** A hostile file may hold a million breaches; nobody reads more than these. */
const PROBLEMS_MAX = 200;

/**
 * Checks the parsed JSON of a manifest; every breach is listed, not only the first. `tiers` are those of the server that
 * the module is for.
 */
export function validateManifest(json: unknown, tiers: readonly string[] = Object.keys(WORKER_TIERS)): ManifestVerdict {
  const problems: ManifestProblem[] = [];
  const fields = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  const version = fields?.['schema_version'];
  if (version !== undefined && version !== MANIFEST_SCHEMA_VERSION) {
    const message = `this host reads "${MANIFEST_SCHEMA_VERSION}", the file says ${JSON.stringify(version).slice(0, 64)}`;
    return { ok: false, problems: [{ code: 'HANABI-V006', path: 'schema_version', message }] };
  }
  const result = ManifestShape.safeParse(json);
  for (const issue of result.error?.issues.slice(0, PROBLEMS_MAX) ?? []) {
    problems.push(describeIssue(issue.path, issue.message, fields));
  }
  if (!result.success) return { ok: false, problems };

  const parsed = result.data;
  if (parsed.entrypoints.worker && !parsed.permissions.includes('worker.execute')) {
    problems.push({
      code: 'HANABI-V005',
      path: 'permissions',
      message: 'a module with a worker lists "worker.execute"',
    });
  }
  if (!tiers.includes(parsed.worker.tier)) {
    const message = `"${parsed.worker.tier}" is not a tier of this server; there are ${tiers.join(', ')}`;
    problems.push({ code: 'HANABI-V005', path: 'worker.tier', message });
  }
  const uniqueIds = new Set(parsed.desktop.jump_list.map((entry) => entry.id));
  if (uniqueIds.size !== parsed.desktop.jump_list.length) {
    problems.push({ code: 'HANABI-V005', path: 'desktop.jump_list', message: 'an id stands twice' });
  }
  if (problems.length > 0) return { ok: false, problems };
  const root = parsed.filesystem?.root ?? `Modules/${parsed.name}`;
  const folders = parsed.filesystem?.folders ?? defaultFolders(root);
  return { ok: true, manifest: { ...parsed, filesystem: { root, folders } }, problems: [] };
}

/** The JSON Schema that lets an editor complete the file. */
export function manifestJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(ManifestShape, { io: 'input', unrepresentable: 'any' });
}

function describeIssue(
  path: readonly PropertyKey[],
  message: string,
  fields: Record<string, unknown> | undefined,
): ManifestProblem {
  const place = path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  );
  if (path[0] === 'permissions' && typeof path[1] === 'number') {
    const permissions = fields?.['permissions'];
    const name: unknown = Array.isArray(permissions) ? permissions[path[1]] : undefined;
    if (typeof name === 'string' && !isPermission(name)) {
      const near = nearestPermission(name);
      const hint = near ? `; did you mean "${near}"?` : '';
      return { code: 'HANABI-V007', path: place, message: `"${name.slice(0, 64)}" is not a permission${hint}` };
    }
  }
  return { code: 'HANABI-V005', path: place, message };
}

function defaultFolders(root: string): ManifestFolder[] {
  const folder = (id: string, name: string, role: ManifestFolder['role'], description: string): ManifestFolder => ({
    id,
    name,
    role,
    path: `${root}/${name}`,
    create_on_install: true,
    description,
  });
  return [
    folder('imports', 'Imports', 'input', 'Files for the module to work on'),
    folder('exports', 'Exports', 'output', 'What the module made'),
    folder('workspace', 'Workspace', 'workspace', 'What the module keeps for itself'),
  ];
}

/** Stricter than a URL parser: what passes goes into headers as it stands. */
export function isOrigin(text: string): boolean {
  const match = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i.exec(text);
  if (!match) return false;
  const [, host = '', port = '443'] = match;
  if (Number(port) < 1 || Number(port) > 65_535) return false;
  return host.startsWith('[') || host.split('.').every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(label));
}

function isSafeName(name: string): boolean {
  try {
    return safeName(name) !== '';
  } catch {
    return false;
  }
}

function isSafeSubpath(path: string): boolean {
  try {
    return safeSubpath(path).length > 0;
  } catch {
    return false;
  }
}

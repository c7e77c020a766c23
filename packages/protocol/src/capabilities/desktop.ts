import * as z from 'zod';
import { Accent, Theme, Wallpaper } from '../desktop-api/preferences.ts';
import { LIMITS } from '../limits.ts';
import { type CapabilityRow, FileRef, FolderRef, Id, namedFile, readableItem } from '../schema.ts';

export const Appearance = z.object({
  wallpaper: Wallpaper,
  accent: Accent,
  theme: Theme.describe('"system": whatever the computer of the user asks for.'),
});
export type Appearance = z.infer<typeof Appearance>;

const Shortcut = z.object({
  id: Id,
  label: z.string(),
  action: z.string().optional().describe('The jump-list action that it starts.'),
  fileId: Id.optional().describe('The file that it opens.'),
});

const item = { fileId: Id.optional(), folderId: Id.optional() };

export const desktop = {
  HANABI_DESKTOP_LIST: {
    sdk: 'desktop.list',
    summary: 'What lies on the desktop of the user: icons of modules, shortcuts, files and folders.',
    home: 'server',
    needs: { all: ['desktop.read'] },
    scope: {},
    payload: z.strictObject({}),
    result: z.object({
      icons: z.array(z.object({ kind: z.enum(['module', 'shortcut']), id: z.string(), name: z.string() })),
      items: z.array(
        z.object({
          kind: z.enum(['file', 'folder']),
          id: Id,
          name: z.string(),
          mine: z.boolean().describe('This module has put it there.'),
        }),
      ),
    }),
    errors: [],
    example: {},
  },
  HANABI_DESKTOP_PLACE: {
    sdk: 'desktop.place',
    summary: 'Puts one of the module’s own files or folders onto the desktop; with "copy" a copy of a file.',
    home: 'server',
    needs: { all: ['desktop.workspace'] },
    scope: { item: readableItem },
    payload: z.strictObject({ ...item, copy: z.boolean().optional() }),
    result: z.object({ file: FileRef.optional(), folder: FolderRef.optional() }),
    changes: 'files',
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-F009'],
    example: { fileId: 'f-1', copy: true },
  },
  HANABI_DESKTOP_REMOVE: {
    sdk: 'desktop.remove',
    summary: 'Puts something that this module has placed on the desktop into the Trash, as long as it lies there.',
    home: 'server',
    needs: { all: ['desktop.workspace'] },
    scope: {},
    payload: z.strictObject(item),
    result: z.object({ ok: z.literal(true) }),
    changes: 'files',
    errors: ['HANABI-F001', 'HANABI-F002'],
    example: { fileId: 'f-1' },
  },
  HANABI_DESKTOP_SHORTCUT: {
    sdk: 'desktop.createShortcut',
    summary:
      'A shortcut to this module on the desktop, to one of its jump-list actions or with a file that it may read. The same shortcut again only changes its label.',
    home: 'server',
    needs: { all: ['desktop.shortcuts'] },
    scope: { file: namedFile('fileId') },
    payload: z.strictObject({
      label: z.string().max(LIMITS.shortcut_label_chars_max).optional(),
      action: z.string().max(64).optional(),
      fileId: Id.optional(),
    }),
    result: z.object({ shortcut: Shortcut }),
    errors: ['HANABI-F001', 'HANABI-F002', 'HANABI-Q017'],
    example: { label: 'New note', action: 'new-note' },
  },
  HANABI_DESKTOP_REMOVE_SHORTCUT: {
    sdk: 'desktop.removeShortcut',
    summary: 'Removes a shortcut that this module has made.',
    home: 'server',
    needs: { all: ['desktop.shortcuts'] },
    scope: {},
    payload: z.strictObject({ shortcutId: Id }),
    result: z.object({ ok: z.literal(true) }),
    errors: ['HANABI-M017'],
    example: { shortcutId: 's-1' },
  },
  HANABI_DESKTOP_APPEARANCE: {
    sdk: 'desktop.getAppearance',
    summary: 'The wallpaper, the accent colour and the theme of the desktop.',
    home: 'server',
    needs: { all: ['desktop.personalize'] },
    scope: {},
    payload: z.strictObject({}),
    result: Appearance,
    errors: [],
    example: {},
  },
  HANABI_DESKTOP_PERSONALIZE: {
    sdk: 'desktop.setAppearance',
    summary: 'Changes the wallpaper to another of the desktop’s own, the accent colour or the theme.',
    home: 'server',
    needs: { all: ['desktop.personalize'] },
    scope: {},
    payload: z.strictObject(Appearance.shape).partial(),
    result: Appearance,
    errors: [],
    example: { wallpaper: 'waves', accent: '#c2321c', theme: 'dark' },
  },
} as const satisfies Record<string, CapabilityRow>;

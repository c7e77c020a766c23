/**
 * The one registry of permissions: who grants each of them, and the sentence a person reads before granting it.
 */

export const TIERS = {
  baseline: 'comes with the installation',
  consent: 'asked of the user',
  admin: 'granted by the review of a publication',
  'admin-high': 'granted by review and by an explicit switch with a quota',
} as const;
export type Tier = keyof typeof TIERS;

interface PermissionRow {
  readonly tier: Tier;
  readonly sentence: string;
}

export const PERMISSIONS = {
  'files.read': { tier: 'baseline', sentence: 'Read the files in its own folders, and the file you open with it' },
  'files.write': { tier: 'baseline', sentence: 'Write files into its own folders' },
  'files.manage': { tier: 'baseline', sentence: 'Rename, move, copy and delete files in its own folders' },
  'files.read.all': { tier: 'consent', sentence: 'Read all of your files, except those of other modules' },
  'files.write.all': {
    tier: 'consent',
    sentence: 'Change and delete all of your files, except those of other modules',
  },
  'jobs.create': { tier: 'baseline', sentence: 'Run its own worker while its window is open' },
  'jobs.emit_progress': { tier: 'baseline', sentence: 'Show the progress of its worker' },
  'jobs.queue': { tier: 'baseline', sentence: 'Run its own worker in the background' },
  'jobs.schedule': { tier: 'admin', sentence: 'Run its own worker on a schedule, even when you are away' },
  'settings.self': { tier: 'baseline', sentence: 'Remember its own settings' },
  notifications: { tier: 'baseline', sentence: 'Show you notifications and a badge' },
  'storage.read': { tier: 'baseline', sentence: 'See how much room your files take' },
  'data.store': { tier: 'baseline', sentence: 'Keep its own records' },
  'modules.use': { tier: 'baseline', sentence: 'See which modules you have and hand one of its files to another' },
  'desktop.read': { tier: 'consent', sentence: 'See what lies on your desktop' },
  'desktop.workspace': { tier: 'consent', sentence: 'Put its own files on your desktop and take them away again' },
  'desktop.shortcuts': { tier: 'consent', sentence: 'Put shortcuts to itself on your desktop' },
  'desktop.personalize': { tier: 'consent', sentence: 'Change the wallpaper, the accent colour and the theme' },
  'client.webgl': { tier: 'consent', sentence: 'Draw with the graphics card' },
  'client.gamepad': { tier: 'consent', sentence: 'Read your game controller' },
  'client.pointerlock': { tier: 'consent', sentence: 'Hold the mouse pointer inside its window' },
  'client.fullscreen': { tier: 'consent', sentence: 'Fill the whole screen' },
  'client.webcodecs': { tier: 'consent', sentence: 'Decode video with the hardware of this computer' },
  'client.wasm': { tier: 'admin', sentence: 'Run WebAssembly in its page' },
  'network.fetch': { tier: 'admin', sentence: 'Talk to the internet addresses that it names' },
  'worker.execute': { tier: 'admin', sentence: 'Run a Python program on the server, in a sealed sandbox' },
  'worker.workflow': { tier: 'admin', sentence: 'Run durable workflows on the server, in a sealed sandbox' },
  'worker.native': { tier: 'admin-high', sentence: 'Use the media tools of the server in its sandbox' },
  'worker.service': { tier: 'admin-high', sentence: 'Keep a small program running on the server, in a sealed sandbox' },
  'network.fetch.broad': {
    tier: 'admin-high',
    sentence: 'Talk to any public internet address that the administrator allows',
  },
} as const satisfies Record<string, PermissionRow>;

export type Permission = keyof typeof PERMISSIONS;

export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];

export function isPermission(value: unknown): value is Permission {
  return typeof value === 'string' && Object.hasOwn(PERMISSIONS, value);
}

/** The known permission whose name is nearest to a misspelt one, or undefined when none is near. */
export function nearestPermission(name: string): Permission | undefined {
  // The comparison costs the product of the lengths, and nothing this long is a slip of the finger.
  if (name.length > 64) return undefined;
  let best: Permission | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length / 3)) + 1;
  for (const candidate of PERMISSION_NAMES) {
    const distance = editDistance(name.toLowerCase(), candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance; names are short, so the plain two-row form is enough. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}

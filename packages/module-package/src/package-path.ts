/** Which paths a package may hold: those that mean one and the same file on every system. */
import { LIMITS, utf8Bytes } from '@hanabi/protocol';

/** Names that Windows gives to devices, with or without an extension. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]/u;
const NOT_EVERYWHERE = /[<>:"|?*]/;

/** Why a path may not be in a package, or undefined when it may. A folder is named without its last slash. */
export function unsafePathReason(path: string): string | undefined {
  if (path === '') return 'a name is empty';
  const shown = JSON.stringify(path.slice(0, 80));
  if (!path.isWellFormed()) return `${shown} is not valid Unicode`;
  if (utf8Bytes(path) > LIMITS.package_path_bytes_max) {
    return `${shown}… is longer than ${LIMITS.package_path_bytes_max} bytes`;
  }
  if (CONTROL.test(path)) return `${shown} holds a control character`;
  if (path.includes('\\')) return `${shown} holds a backslash`;
  if (path.startsWith('/')) return `${shown} is absolute`;
  if (/^[a-z]:/i.test(path)) return `${shown} names a drive`;
  if (path.startsWith('~')) return `${shown} begins with "~", which stands for tickets`;
  const parts = path.split('/');
  if (parts.length > LIMITS.package_depth_max) return `${shown} is more than ${LIMITS.package_depth_max} folders deep`;
  for (const part of parts) {
    const reason = unsafePartReason(part);
    if (reason) return `${shown} ${reason}`;
  }
  return undefined;
}

function unsafePartReason(part: string): string | undefined {
  if (part === '') return 'has an empty part';
  if (part === '..') return 'leads out of the package';
  if (part === '.') return 'holds a part "."';
  if (INVISIBLE.test(part)) return 'holds invisible characters';
  if (NOT_EVERYWHERE.test(part)) return 'holds one of < > : " | ? *';
  if (RESERVED.test(part)) return 'holds a name that Windows reserves';
  if (/[. ]$/.test(part)) return 'holds a part that ends in a dot or a space';
  if (part.startsWith(' ')) return 'holds a part that begins with a space';
  return undefined;
}

/** Equal for two paths that some file system takes for the same. */
function collisionKey(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Finds names that some file system cannot tell apart. */
export class NameRegister {
  private readonly files = new Map<string, string>();
  private readonly folders = new Map<string, string>();
  private readonly listed = new Set<string>();

  /** Why the path collides with one that was added before, or undefined. */
  add(path: string, isFolder: boolean): string | undefined {
    const key = collisionKey(path);
    if (isFolder) {
      if (this.listed.has(key)) return `the folder ${JSON.stringify(path)} stands twice`;
      this.listed.add(key);
      return this.addFolders(path);
    }
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const reason = parent === '' ? undefined : this.addFolders(parent);
    if (reason) return reason;
    const other = this.files.get(key);
    if (other === path) return `${JSON.stringify(path)} stands twice`;
    if (other !== undefined) return `${JSON.stringify(path)} and ${JSON.stringify(other)} differ only in case`;
    if (this.folders.has(key)) return `${JSON.stringify(path)} is a file and a folder`;
    this.files.set(key, path);
    return undefined;
  }

  private addFolders(path: string): string | undefined {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      const key = collisionKey(folder);
      const other = this.folders.get(key);
      if (other !== undefined && other !== folder) {
        return `the folders ${JSON.stringify(folder)} and ${JSON.stringify(other)} differ only in case`;
      }
      if (this.files.has(key)) return `${JSON.stringify(folder)} is a file and a folder`;
      this.folders.set(key, folder);
    }
    return undefined;
  }
}

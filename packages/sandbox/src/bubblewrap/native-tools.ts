/**
 * The media tools. A worker that was not granted them sees a machine without them: their commands and the libraries that
 * do their work are covered, so that it cannot call those directly either. The grant leaves them in sight, or puts a root
 * tree of the operator's in place of the host's own /usr.
 */
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { HanabiError } from '@hanabi/protocol';

/** Commands that the guide promises, and the Debian packages that bring them. */
const PROMISED: Readonly<Record<string, string>> = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  convert: 'imagemagick',
  vips: 'libvips-tools',
  vipsthumbnail: 'libvips-tools',
  gs: 'ghostscript',
};

/** ffmpeg's libraries stay in sight: those of Python read video with them. */
const COVERED_COMMANDS = ['ffmpeg', 'ffprobe', 'ffplay', 'magick', 'gm'];
const COVERED_LIBRARIES = /^lib(MagickCore-.+|gs|vips|GraphicsMagick-.+)\.so/;

/** Settings and tables of the tools that lie outside /usr. */
export const SHOWN_TO_NATIVE = ['/etc/ImageMagick-6', '/etc/ghostscript', '/etc/fonts', '/var/lib/ghostscript'];

/** Where the tools are looked for: '' for the machine's own /usr, else a root tree. */
export interface NativeTools {
  root: string;
}

/** HANABI-W017 with what to install, unless all of the promised tools are there. */
export function requireNativeTools(native_root: string | undefined): NativeTools {
  const root = native_root ?? '';
  const missing = Object.keys(PROMISED).filter((command) => !isExecutable(join(root, '/usr/bin', command)));
  if (root && !isExecutable(join(root, '/usr/bin/python3'))) {
    throw new HanabiError('HANABI-W017', `HANABI_WORKER_NATIVE_ROOT ${root} has no /usr/bin/python3`);
  }
  if (missing.length === 0) return { root };
  const packages = [...new Set(missing.map((command) => PROMISED[command]))].join(' ');
  const where = root ? `in ${root} (HANABI_WORKER_NATIVE_ROOT)` : 'on the server';
  throw new HanabiError('HANABI-W017', `${missing.join(', ')} ${where}; apt-get install ${packages}`);
}

let covered: string[] | undefined;

/** Files that take the tools away when something else is mounted over them. What is installed later needs a restart. */
export function coveredFiles(): readonly string[] {
  covered ??= [
    ...new Set([
      ...COVERED_COMMANDS.map((name) => `/usr/bin/${name}`)
        .filter(existsSync)
        .map((path) => realpathSync(path)),
      ...libraryFolders().flatMap((folder) =>
        readdirSync(folder)
          .filter((name) => COVERED_LIBRARIES.test(name))
          .map((name) => realpathSync(join(folder, name))),
      ),
    ]),
  ].filter((path) => path.startsWith('/usr/'));
  return covered;
}

function libraryFolders(): string[] {
  const folders = ['/usr/lib', '/usr/lib64'].filter((folder) => existsSync(folder));
  const triplets = readdirSync('/usr/lib').filter((name) => /^[a-z0-9_]+-linux-gnu/.test(name));
  return [...folders, ...triplets.map((name) => join('/usr/lib', name))];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

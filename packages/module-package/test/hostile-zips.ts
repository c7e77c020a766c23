/** Packages that a stranger may send: each with the code that refuses it, and a word of the reason. */
import { deflateRawSync } from 'node:zlib';
import { type ErrorCode, LIMITS } from '@hanabi/protocol';
import { descriptor, type EntryBytes, extraField, zip } from './harness/zip-bytes.ts';

const GOOD: EntryBytes = { name: 'hanabi.module.json', data: '{}' };
const PAGE: EntryBytes = { name: 'ui/index.html', data: '<!doctype html>' };

const named = (name: string | Buffer, more: Partial<EntryBytes> = {}) => zip([GOOD, { name, data: 'x', ...more }]);
const text = 'some text that is long enough to be deflated, text, text';
const packed = deflateRawSync(Buffer.from(text));
const zeros = Buffer.alloc(1024 * 1024);
const eight = Buffer.alloc(8, 1);

/** A stored entry whose data is a zip entry of its own, which the directory lists as well. */
function overlapping(): Buffer {
  const inner = zip([{ name: 'inner.txt', data: 'inner' }]);
  const data = inner.subarray(0, inner.indexOf('PK\x01\x02', 0, 'latin1'));
  const outer: EntryBytes = { name: 'outer.bin', data };
  const dataStart = 30 + 'outer.bin'.length;
  return zip([outer, { name: 'inner.txt', data: 'inner', directoryOnly: true, offset: dataStart }]);
}

/** Many names for the same bytes: small to send, large to unpack. */
function shared(): Buffer {
  const first: EntryBytes = { name: 'a', data: zeros.subarray(0, 60_000), method: 8 };
  const others = Array.from({ length: 50 }, (_, index) => ({
    ...first,
    name: `b${index}`,
    directoryOnly: true,
    offset: 0,
  }));
  return zip([first, ...others]);
}

/** Each with a kilobyte, which says that it has as many as one may have. */
function largeTogether(): Buffer {
  const one = { data: Buffer.alloc(200_000), size_bytes: LIMITS.package_entry_bytes_max };
  return zip(
    Array.from({ length: 5 }, (_, index) => ({
      ...one,
      name: `file${index}`,
      method: 8,
      packed: Buffer.alloc(200_000),
    })),
  );
}

function truncated(): Buffer {
  const whole = zip([GOOD, PAGE]);
  return whole.subarray(0, whole.length - 5);
}

function middleLost(): Buffer {
  const whole = zip([GOOD, PAGE]);
  return Buffer.concat([whole.subarray(0, 20), whole.subarray(25)]);
}

function withZip64Locator(): Buffer {
  const whole = zip([GOOD]);
  const locator = Buffer.concat([Buffer.from('PK\x06\x07', 'latin1'), Buffer.alloc(16)]);
  return Buffer.concat([whole.subarray(0, whole.length - 22), locator, whole.subarray(whole.length - 22)]);
}

/** Two ends: which of two packages it is depends on where a reader begins. */
function twoEnds(): Buffer {
  const second = zip([{ name: 'other.txt', data: 'other' }]);
  return zip([GOOD], { comment: second });
}

const depth = Array.from({ length: LIMITS.package_depth_max + 1 }, () => 'd').join('/');

export const HOSTILE: readonly (readonly [name: string, code: ErrorCode, reason: RegExp, bytes: () => Buffer])[] = [
  // not a sound zip
  ['nothing at all', 'HANABI-V013', /too short/, () => Buffer.alloc(0)],
  ['text', 'HANABI-V013', /does not end as a zip/, () => Buffer.from('This is no zip, but long enough to be one.')],
  ['cut off', 'HANABI-V013', /does not end as a zip/, truncated],
  ['bytes lost in the middle', 'HANABI-V013', /directory does not lie/, middleLost],
  ['no entries', 'HANABI-V013', /empty/, () => zip([])],
  ['bytes behind', 'HANABI-V013', /does not end as a zip/, () => zip([GOOD], { suffix: Buffer.from('#!/bin/sh') })],
  ['a comment', 'HANABI-V013', /does not end as a zip/, () => zip([GOOD], { comment: Buffer.from('hello') })],
  ['two ends', 'HANABI-V013', /comment that is not there|does not lie|does not end/, twoEnds],
  [
    'bytes before, not counted',
    'HANABI-V013',
    /before the zip/,
    () => zip([GOOD], { prefix: Buffer.from('MZ program') }),
  ],
  [
    'bytes before, counted',
    'HANABI-V013',
    /bytes hide before/,
    () => zip([GOOD], { prefix: Buffer.from('MZ'), offsetsCountPrefix: true }),
  ],
  [
    'bytes between entries',
    'HANABI-V013',
    /3 bytes hide before "ui/,
    () => zip([GOOD, { ...PAGE, before: Buffer.from('abc') }]),
  ],
  [
    'bytes before the directory',
    'HANABI-V013',
    /4 bytes hide before its directory/,
    () => zip([GOOD], { gap: Buffer.from('gap!') }),
  ],
  [
    'bytes behind the directory',
    'HANABI-V013',
    /between its directory and its end/,
    () => zip([GOOD], { directorySuffix: Buffer.from('hidden') }),
  ],
  [
    'an entry in the file that the directory leaves out',
    'HANABI-V013',
    /bytes hide/,
    () => zip([{ ...PAGE, before: zip([GOOD]).subarray(0, 50) }]),
  ],
  [
    'entries counted in two ways',
    'HANABI-V013',
    /counts its entries in two ways/,
    () => zip([GOOD, PAGE], { entries_here: 1 }),
  ],
  [
    'more entries announced than there are',
    'HANABI-V013',
    /unexpected EOF|signature/,
    () => zip([GOOD], { entries_here: 2, entries_total: 2 }),
  ],
  [
    'fewer entries announced than there are',
    'HANABI-V013',
    /between its directory and its end/,
    () => zip([GOOD, PAGE], { entries_here: 1, entries_total: 1 }),
  ],
  ['a directory elsewhere', 'HANABI-V013', /does not lie where/, () => zip([GOOD], { directory_offset: 3 })],
  ['overlapping entries', 'HANABI-V013', /overlaps/, overlapping],
  ['one content under many names', 'HANABI-V013', /overlaps/, shared],
  [
    'an entry that reaches into the directory',
    'HANABI-V013',
    /reaches into the directory|overflows/,
    () => zip([{ ...GOOD, data: 'abc', packed: Buffer.from('ab'), packed_bytes: 3 }]),
  ],
  [
    'another name in the local header',
    'HANABI-V013',
    /is called "ui\/evil.html" by its own header/,
    () => zip([GOOD, { ...PAGE, local: { name: 'ui/evil.html' } }]),
  ],
  [
    'a local header without signature',
    'HANABI-V013',
    /invalid local file header/,
    () => zip([{ ...GOOD, offset: 0, before: Buffer.from('PK') }]),
  ],
  ['another method in the local header', 'HANABI-V013', /contradicts/, () => zip([{ ...GOOD, local: { method: 8 } }])],
  [
    'another size in the local header',
    'HANABI-V013',
    /contradicts/,
    () => zip([{ ...GOOD, local: { size_bytes: 1 } }]),
  ],
  ['another checksum in the local header', 'HANABI-V013', /contradicts/, () => zip([{ ...GOOD, local: { crc: 1 } }])],
  ['other flags in the local header', 'HANABI-V013', /contradicts/, () => zip([{ ...GOOD, local: { flags: 0x800 } }])],
  [
    'a descriptor that lies about sizes',
    'HANABI-V013',
    /descriptor that contradicts/,
    () =>
      zip([{ ...GOOD, flags: 8, local: { crc: 0, size_bytes: 0, packed_bytes: 0 }, descriptor: descriptor(1, 2, 99) }]),
  ],
  [
    'a descriptor that is missing',
    'HANABI-V013',
    /descriptor that contradicts/,
    () => zip([{ ...GOOD, flags: 8 }, PAGE]),
  ],
  ['a wrong checksum', 'HANABI-V013', /does not have the checksum/, () => zip([{ ...GOOD, crc: 1 }])],
  ['stored with two sizes', 'HANABI-V013', /size mismatch/, () => zip([{ ...GOOD, size_bytes: 1 }])],
  [
    'more than announced',
    'HANABI-V013',
    /more bytes than it says/,
    () => zip([{ name: 'a', data: text, packed, method: 8, size_bytes: 5 }]),
  ],
  [
    'less than announced',
    'HANABI-V013',
    /fewer bytes than it says/,
    () => zip([{ name: 'a', data: text, packed, method: 8, size_bytes: 999 }]),
  ],
  [
    'bytes behind what is deflated',
    'HANABI-V013',
    /hides bytes behind/,
    () => zip([{ name: 'a', data: text, packed: Buffer.concat([packed, Buffer.from('payload')]), method: 8 }]),
  ],
  [
    'deflated garbage',
    'HANABI-V013',
    /damaged/,
    () => zip([{ name: 'a', data: text, packed: Buffer.from('ffffffffff', 'hex'), method: 8 }]),
  ],
  [
    'deflated and cut off',
    'HANABI-V013',
    /damaged/,
    () => zip([{ name: 'a', data: text, packed: packed.subarray(0, 20), method: 8 }]),
  ],
  [
    'a second name',
    'HANABI-V013',
    /second name/,
    () => named('a', { extra: extraField(0x7075, Buffer.from('\x01\x00\x00\x00\x00b', 'latin1')) }),
  ],
  [
    'extra fields that overflow',
    'HANABI-V013',
    /extra field/,
    () => named('a', { extra: Buffer.from([1, 0, 255, 0]) }),
  ],
  ['a folder with contents', 'HANABI-V013', /has contents/, () => named('folder/', { mode: 0o040755 })],
  [
    'a file that says it is a folder',
    'HANABI-V013',
    /folder and that it is a file/,
    () => named('file', { mode: 0o040755 }),
  ],
  [
    'a folder that says it is a file',
    'HANABI-V013',
    /folder and that it is a file/,
    () => named('folder/', { data: '' }),
  ],
  // kinds of zip
  [
    'an encrypted entry',
    'HANABI-V014',
    /is encrypted/,
    () => named('a', { flags: 1, packed_bytes: 13, packed: Buffer.alloc(13) }),
  ],
  ['strong encryption', 'HANABI-V014', /encrypt/, () => named('a', { flags: 0x41 })],
  ['AES', 'HANABI-V014', /is encrypted/, () => named('a', { extra: extraField(0x9901, Buffer.alloc(7)) })],
  ['a masked header', 'HANABI-V014', /is encrypted/, () => named('a', { flags: 0x2000 })],
  ['patch data', 'HANABI-V014', /flags 20/, () => named('a', { flags: 0x20 })],
  ['bzip2', 'HANABI-V014', /the method 12/, () => named('a', { method: 12 })],
  ['a method nobody knows', 'HANABI-V014', /the method 999/, () => named('a', { method: 999 })],
  ['zip64 in an entry', 'HANABI-V014', /sizes of zip64/, () => named('a', { extra: extraField(1, eight) })],
  ['a zip64 locator', 'HANABI-V014', /zip64/, withZip64Locator],
  ['zip64 in the end', 'HANABI-V014', /zip64/, () => zip([GOOD], { directory_offset: 0xffffffff })],
  ['one of several disks', 'HANABI-V014', /several disks/, () => zip([GOOD], { disk: 1 })],
  ['a comment on an entry', 'HANABI-V014', /has a comment/, () => named('a', { comment: 'hidden' })],
  // limits
  ['a bomb', 'HANABI-V015', /times its size/, () => named('zeros', { data: zeros, method: 8 })],
  [
    'a file that says it is huge',
    'HANABI-V015',
    /4294967294 bytes/,
    () => named('huge', { method: 8, size_bytes: 0xfffffffe }),
  ],
  ['too much together', 'HANABI-V015', /bytes unpacked/, largeTogether],
  [
    'too many entries',
    'HANABI-V015',
    /entries, at most/,
    () => zip(Array.from({ length: LIMITS.package_entries_max + 1 }, (_, index) => ({ name: `f${index}` }))),
  ],
  ['too many bytes', 'HANABI-V015', /bytes, at most/, () => Buffer.alloc(LIMITS.package_bytes_max + 1)],
  // paths
  ['a path that leads out', 'HANABI-V016', /leads out/, () => named('../evil')],
  ['a path that leads out further in', 'HANABI-V016', /leads out/, () => named('ui/../../evil')],
  ['an absolute path', 'HANABI-V016', /is absolute/, () => named('/etc/passwd')],
  ['a path with backslashes', 'HANABI-V016', /backslash/, () => named('..\\evil')],
  ['a share', 'HANABI-V016', /backslash/, () => named('\\\\server\\share')],
  ['a drive', 'HANABI-V016', /names a drive/, () => named('C:/evil')],
  ['a stream of another file', 'HANABI-V016', /holds one of/, () => named('ui/a.txt:hidden')],
  ['a NUL', 'HANABI-V016', /control character/, () => named('ui/a.html\0.txt')],
  ['a line break', 'HANABI-V016', /control character/, () => named('a\nb')],
  ['an empty name', 'HANABI-V016', /name is empty/, () => named('')],
  ['an empty part', 'HANABI-V016', /empty part/, () => named('ui//a')],
  ['a dot', 'HANABI-V016', /part "\."/, () => named('ui/./a')],
  ['a device of Windows', 'HANABI-V016', /Windows reserves/, () => named('ui/CON.txt')],
  ['a port of Windows', 'HANABI-V016', /Windows reserves/, () => named('lpt1')],
  ['a name that ends in a dot', 'HANABI-V016', /dot or a space/, () => named('ui/index.html.')],
  ['a name that ends in a space', 'HANABI-V016', /dot or a space/, () => named('ui/index.html ')],
  ['a name that turns around', 'HANABI-V016', /invisible/, () => named('ui/\u202Egnp.exe')],
  ['a wildcard', 'HANABI-V016', /holds one of/, () => named('ui/*.js')],
  ['a place of tickets', 'HANABI-V016', /tickets/, () => named('~ticket/index.html')],
  ['a name that is no UTF-8', 'HANABI-V016', /not valid UTF-8/, () => named(Buffer.from([0x66, 0xff, 0xfe]))],
  [
    'a name in an unknown encoding',
    'HANABI-V016',
    /not marked as UTF-8/,
    () => named(Buffer.from([0x66, 0xe9]), { flags: 0 }),
  ],
  ['too deep', 'HANABI-V016', /folders deep/, () => named(depth)],
  ['too long', 'HANABI-V016', /longer than/, () => named(`ui/${'n'.repeat(300)}`)],
  // collisions
  ['a name that stands twice', 'HANABI-V017', /stands twice/, () => zip([GOOD, { ...GOOD, data: '{"id": "evil"}' }])],
  [
    'a name in two cases',
    'HANABI-V017',
    /differ only in case/,
    () => zip([GOOD, { ...GOOD, name: 'Hanabi.module.json' }]),
  ],
  [
    'a name composed in two ways',
    'HANABI-V017',
    /stands twice/,
    () => zip([{ name: 'caf\u00e9' }, { name: 'cafe\u0301' }]),
  ],
  [
    'a name with a letter that grows',
    'HANABI-V017',
    /differ only in case/,
    () => zip([{ name: 'stra\u00dfe' }, { name: 'STRASSE' }]),
  ],
  [
    'folders in two cases',
    'HANABI-V017',
    /folders .* differ only in case/,
    () => zip([{ name: 'ui/a' }, { name: 'UI/b' }]),
  ],
  [
    'a folder twice',
    'HANABI-V017',
    /stands twice/,
    () =>
      zip([
        { name: 'ui/', mode: 0o040755 },
        { name: 'ui/', mode: 0o040755 },
      ]),
  ],
  ['a file that is a folder', 'HANABI-V017', /a file and a folder/, () => zip([{ name: 'ui' }, { name: 'ui/a' }])],
  ['a folder that is a file', 'HANABI-V017', /a file and a folder/, () => zip([{ name: 'ui/a' }, { name: 'ui' }])],
  // things
  [
    'a symbolic link',
    'HANABI-V018',
    /symbolic link/,
    () => named('ui/index.html', { data: '/etc/passwd', mode: 0o120777 }),
  ],
  [
    'a link to a folder, and a file through it',
    'HANABI-V018',
    /symbolic link/,
    () => zip([{ name: 'ui', data: '/tmp', mode: 0o120777 }, { name: 'ui/evil' }]),
  ],
  ['a device', 'HANABI-V018', /device/, () => named('null', { mode: 0o020666 })],
  ['a pipe', 'HANABI-V018', /device, a pipe/, () => named('pipe', { mode: 0o010666 })],
  ['a volume label', 'HANABI-V018', /volume/, () => named('LABEL', { attributes: 0x08 })],
  // what does not belong
  ['settings with secrets', 'HANABI-V019', /secret/, () => named('.env')],
  ['a key', 'HANABI-V019', /secret/, () => named('keys/server.pem')],
  ['a program', 'HANABI-V019', /native/, () => named('worker/tool.exe')],
  ['a library', 'HANABI-V019', /native/, () => named('worker/lib/fast.so')],
];

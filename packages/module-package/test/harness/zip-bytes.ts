/** Zips built byte by byte, so that every field can lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface EntryBytes {
  name: string | Buffer;
  data?: Buffer | string;
  /** 0 stored, 8 deflated. */
  method?: number;
  flags?: number;
  /** Unix mode with its type. */
  mode?: number;
  /** External attributes as a whole, instead of `mode`. */
  attributes?: number;
  /** What stands in the file instead of the packed data. */
  packed?: Buffer;
  extra?: Buffer;
  comment?: string;
  /** Fields of both headers. */
  crc?: number;
  packed_bytes?: number;
  size_bytes?: number;
  /** Fields of the local header only. */
  local?: {
    name?: string | Buffer;
    flags?: number;
    method?: number;
    crc?: number;
    packed_bytes?: number;
    size_bytes?: number;
  };
  /** Bytes behind the data. */
  descriptor?: Buffer;
  /** Bytes before the local header. */
  before?: Buffer;
  /** Where the directory says that the local header is. */
  offset?: number;
  /** Leaves the local part out; `offset` says whose it takes. */
  directoryOnly?: boolean;
}

export interface ZipBytes {
  prefix?: Buffer;
  suffix?: Buffer;
  /** Between the last entry and the directory. */
  gap?: Buffer;
  /** Between the directory and its end. */
  directorySuffix?: Buffer;
  comment?: Buffer;
  entries_here?: number;
  entries_total?: number;
  disk?: number;
  directory_bytes?: number;
  directory_offset?: number;
  /** Whether offsets count the prefix. */
  offsetsCountPrefix?: boolean;
}

const u16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([u16(id), u16(data.length), data]);
}

export function descriptor(crc: number, packedBytes: number, sizeBytes: number): Buffer {
  return Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), u32(crc), u32(packedBytes), u32(sizeBytes)]);
}

export function zip(entries: readonly EntryBytes[], how: ZipBytes = {}): Buffer {
  const prefix = how.prefix ?? Buffer.alloc(0);
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = how.offsetsCountPrefix ? prefix.length : 0;
  for (const entry of entries) {
    const fields = fieldsOf(entry);
    const before = entry.before ?? Buffer.alloc(0);
    const header = Buffer.concat([before, localHeader(entry, fields)]);
    directory.push(directoryRecord(entry, fields, entry.offset ?? offset + before.length));
    if (entry.directoryOnly) continue;
    const whole = Buffer.concat([header, fields.packed, entry.descriptor ?? Buffer.alloc(0)]);
    local.push(whole);
    offset += whole.length;
  }
  const gap = how.gap ?? Buffer.alloc(0);
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.concat([
    Buffer.from('PK\x05\x06', 'latin1'),
    u16(how.disk ?? 0),
    u16(how.disk ?? 0),
    u16(how.entries_here ?? entries.length),
    u16(how.entries_total ?? entries.length),
    u32(how.directory_bytes ?? directoryBytes.length + (how.directorySuffix?.length ?? 0)),
    u32(how.directory_offset ?? offset + gap.length),
    u16(how.comment?.length ?? 0),
    how.comment ?? Buffer.alloc(0),
  ]);
  const parts = [prefix, ...local, gap, directoryBytes, how.directorySuffix, end, how.suffix];
  return Buffer.concat(parts.map((part) => part ?? Buffer.alloc(0)));
}

interface Fields {
  name: Buffer;
  packed: Buffer;
  method: number;
  flags: number;
  crc: number;
  packed_bytes: number;
  size_bytes: number;
}

function fieldsOf(entry: EntryBytes): Fields {
  const data = Buffer.from(entry.data ?? '');
  const name = Buffer.from(entry.name);
  const method = entry.method ?? 0;
  const packed = entry.packed ?? (method === 8 ? deflateRawSync(data) : data);
  const isAscii = name.every((byte) => byte < 0x80);
  return {
    name,
    packed,
    method,
    flags: entry.flags ?? (isAscii ? 0 : 0x800),
    crc: entry.crc ?? crc32(data),
    packed_bytes: entry.packed_bytes ?? packed.length,
    size_bytes: entry.size_bytes ?? data.length,
  };
}

function localHeader({ local = {}, extra = Buffer.alloc(0) }: EntryBytes, fields: Fields): Buffer {
  const name = local.name === undefined ? fields.name : Buffer.from(local.name);
  return Buffer.concat([
    Buffer.from('PK\x03\x04', 'latin1'),
    u16(20),
    u16(local.flags ?? fields.flags),
    u16(local.method ?? fields.method),
    u32(0x00210000),
    u32(local.crc ?? fields.crc),
    u32(local.packed_bytes ?? fields.packed_bytes),
    u32(local.size_bytes ?? fields.size_bytes),
    u16(name.length),
    u16(extra.length),
    name,
    extra,
  ]);
}

function directoryRecord(entry: EntryBytes, fields: Fields, offset: number): Buffer {
  const extra = entry.extra ?? Buffer.alloc(0);
  const comment = Buffer.from(entry.comment ?? '');
  return Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    u16((3 << 8) | 20),
    u16(20),
    u16(fields.flags),
    u16(fields.method),
    u32(0x00210000),
    u32(fields.crc),
    u32(fields.packed_bytes),
    u32(fields.size_bytes),
    u16(fields.name.length),
    u16(extra.length),
    u16(comment.length),
    u16(0),
    u16(0),
    u32(entry.attributes ?? (entry.mode ?? 0o100644) * 0x10000),
    u32(offset),
    fields.name,
    extra,
    comment,
  ]);
}

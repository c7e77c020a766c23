/**
 * A real disk that fails when a test says so: ext4 on a file that lies in a small memory file system. What the kernel has
 * taken and cannot put down shows when it is synced, as it does on a thin volume or a dying disk.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIB } from '@hanabi/protocol';
import { canMount } from './small-disk.ts';

const IMAGE_BYTES = 96 * MIB;
const PAGE_BYTES = 4096;
const STEP_PAGES = 256;
const FORMAT = ['-F', '-q', '-b', '4096', '-m', '0', '-J', 'size=4', '-E', 'nodiscard,lazy_itable_init=0'];

/** EXT4_IOC_SHUTDOWN with NOLOGFLUSH: from one moment to the next, nothing more reaches the disk. */
const SHUTDOWN = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))
`;

/** Until so much does not fit any more; the kernel, too, takes room meanwhile, for what it had not yet put down. */
function fill(file: number, bytes: number): void {
  const zeros = Buffer.alloc(bytes);
  try {
    while (writeSync(file, zeros) === bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

export class FailingDisk {
  readonly path: string;
  private readonly backing: string;

  /** Mounted over an empty folder. */
  constructor(path: string) {
    this.path = path;
    this.backing = mkdtempSync(join(tmpdir(), 'hanabi-backing-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${3 * IMAGE_BYTES}`, 'tmpfs', this.backing]);
    const [sparse, image] = [join(this.backing, 'sparse'), this.image];
    writeFileSync(sparse, '');
    truncateSync(sparse, IMAGE_BYTES);
    execFileSync('mkfs.ext4', [...FORMAT, sparse]);
    // What the file system keeps for itself is there from the start; only room that is free is given back.
    execFileSync('cp', ['--sparse=never', sparse, image]);
    rmSync(sparse);
    this.mount();
    execFileSync('fstrim', [path]);
  }

  static async mount(path: string): Promise<FailingDisk> {
    await mkdir(path, { recursive: true });
    return new FailingDisk(path);
  }

  private get image(): string {
    return join(this.backing, 'image');
  }

  private get ballast(): string {
    return join(this.backing, 'ballast');
  }

  private mount(): void {
    execFileSync('mount', ['-o', 'loop', this.image, this.path]);
  }

  /**
   * From now on nothing new can be put down, although it goes on saying that there is room. Not after so many bytes: of a
   * write that fits in part the kernel says that all of it was done.
   */
  fail(): void {
    const file = openSync(this.ballast, 'w');
    try {
      for (let pages = STEP_PAGES; pages >= 1; pages /= 2) fill(file, pages * PAGE_BYTES);
    } finally {
      closeSync(file);
    }
  }

  heal(): void {
    rmSync(this.ballast, { force: true });
  }

  /** Nothing that was not synced is there afterwards. Whoever has files open on it keeps them, and they are dead. */
  cutPower(): void {
    execFileSync('/usr/bin/python3', ['-c', SHUTDOWN, this.path]);
  }

  /**
   * As after a start of the machine: nothing comes from memory any more. What has reached the disk goes to another one, for
   * the old one stays mounted, and dead, for as long as a process elsewhere (`unshare --mount`) has a copy of all mounts.
   */
  restart(): void {
    execFileSync('umount', [this.path]);
    const next = `${this.image}.next`;
    execFileSync('cp', [this.image, next]);
    renameSync(next, this.image);
    this.mount();
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.path]);
    execFileSync('umount', ['--lazy', this.backing]);
    rmSync(this.backing, { recursive: true });
  }
}

/** Not everyone who may mount a tmpfs has loop devices. */
function works(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'hanabi-failing-'));
  try {
    const disk = new FailingDisk(dir);
    disk.unmount();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export const canFail = canMount && works();

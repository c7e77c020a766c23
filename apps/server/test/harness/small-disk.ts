/** A disk that is soon full: a tmpfs of its own, which only root may mount. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS, MIB } from '@hanabi/protocol';

export const canMount = process.getuid?.() === 0 && tryMount();

function tryMount(): boolean {
  const path = `/tmp/hanabi-mount-${process.pid}`;
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
    execFileSync('umount', [path]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(path);
  }
}

export class SmallDisk {
  readonly path: string;
  private readonly ballast: string;

  private constructor(path: string) {
    this.path = path;
    this.ballast = join(path, 'ballast');
  }

  static async mount(path: string, { size_bytes, files = 100_000 }: { size_bytes: number; files?: number }) {
    await mkdir(path, { recursive: true });
    const options = `size=${size_bytes},nr_inodes=${files},mode=700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    return new SmallDisk(path);
  }

  /** Takes all the room but so much. */
  async fill(leave: number): Promise<void> {
    await writeFile(this.ballast, Buffer.alloc(Math.max(0, (await this.room()) - leave)), { flag: 'a' });
  }

  /** Little enough that contents are refused, and enough that a database can go on. */
  fillToReserve(): Promise<void> {
    return this.fill(LIMITS.disk_reserve_bytes - MIB);
  }

  /** Whoever else writes at the same time may get some of it. */
  async fillCompletely(): Promise<void> {
    while ((await this.room()) > 0) {
      await this.fill(0).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
    }
  }

  private async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  /** As many files as it may have. */
  async fillWithFiles(): Promise<void> {
    await mkdir(this.ballast);
    for (let count = (await statfs(this.path)).ffree; count > 0; count -= 1) {
      await writeFile(join(this.ballast, String(count)), '');
    }
  }

  async free(): Promise<void> {
    await rm(this.ballast, { recursive: true, force: true });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.path]);
  }
}

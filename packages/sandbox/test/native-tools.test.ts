/** The media tools: out of reach without the grant, there with it, and a sentence that helps where they are missing. */
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { requireNativeTools } from '../src/bubblewrap/native-tools.ts';
import { createSandbox } from '../src/index.ts';
import { describeSandboxed, jobOf, runJob, withSandbox } from './test-sandbox.ts';

async function symlinkIfThere(target: string, path: string): Promise<void> {
  if (existsSync(target)) await symlink(target, path);
}

const missing = (() => {
  try {
    requireNativeTools(undefined);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
})();

const describeNative = (title: string, body: () => void) =>
  missing ? describe.skip(`${title} (${missing})`, body) : describeSandboxed(title, body);

describeNative('a worker', () => {
  const test = withSandbox();
  const toolsOf = async (native?: boolean) => {
    const { files, error } = await runJob(test.sandbox, jobOf('calls_media_tools', { native }));
    expect(error).toBeUndefined();
    return files['found.txt']!.toString();
  };

  it('without the grant can run none of the media tools, nor call the libraries behind them', async () => {
    const found = await toolsOf();
    expect(found).toContain("'ffmpeg': 'PermissionError'");
    for (const tool of ['convert', 'vips', 'gs']) expect(found).toContain(`'${tool}': 127`);
    for (const library of ['libMagick', 'libvips', 'libgs']) expect(found).toContain(`'${library}': False`);
  });

  it('with the grant can run them, and the next one without it cannot', async () => {
    const found = await toolsOf(true);
    for (const tool of ['ffmpeg', 'convert', 'vips', 'gs']) expect(found).toContain(`'${tool}': 0`);
    expect(await toolsOf()).toContain("'ffmpeg': 'PermissionError'");
  });

  it.each([['ffmpeg'], ['convert']])('that calls %s without the grant is told what is missing', async (tool) => {
    const { error } = await runJob(
      test.sandbox,
      jobOf('needs_a_media_tool', { options: { command: [tool, '-version'] } }),
    );
    expect(error?.code).toBe('HANABI-W008');
    expect(error?.message).toContain('worker.native');
  });
});

describeNative('a root tree of the operator', () => {
  const test = withSandbox(async (work_dir) => {
    const native_root = join(work_dir, '..', 'tree');
    await mkdir(join(native_root, 'usr'), { recursive: true });
    for (const name of ['bin', 'lib', 'lib64', 'share'])
      await symlinkIfThere(`/usr/${name}`, join(native_root, 'usr', name));
    await symlinkIfThere('/etc', join(native_root, 'etc'));
    return createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 1, native_root });
  });

  it('takes the place of the host’s /usr, and only for those who were granted the tools', async () => {
    // The links of this tree lead nowhere in the sandbox: that it does not start shows which tree it was given.
    const granted = await runJob(test.sandbox, jobOf('returns_dict', { native: true }));
    expect(granted.error?.code).toBe('HANABI-W015');
    const plain = await runJob(test.sandbox, jobOf('returns_dict'));
    expect(plain.error).toBeUndefined();
  });
});

describeSandboxed('a server without the tools', () => {
  const test = withSandbox(async (work_dir) => {
    const native_root = join(work_dir, '..', 'root');
    await mkdir(join(native_root, 'usr/bin'), { recursive: true });
    await writeFile(join(native_root, 'usr/bin/ffmpeg'), '', { mode: 0o755 });
    await symlink('/usr/bin/python3', join(native_root, 'usr/bin/python3'));
    return createSandbox({ backend: 'bubblewrap', work_dir, jobs_max: 1, native_root });
  });

  it('names what to install', async () => {
    const { error } = await runJob(test.sandbox, jobOf('returns_dict', { native: true }));
    expect(error).toBeInstanceOf(HanabiError);
    expect(error?.code).toBe('HANABI-W017');
    expect(error?.message).toContain('apt-get install ffmpeg imagemagick libvips-tools ghostscript');
  });
});

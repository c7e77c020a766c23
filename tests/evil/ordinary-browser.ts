/**
 * A browser with a profile, as a person has it. In the private ones of other tests Chromium neither looks names up nor
 * connects ahead of time, so that nothing could be learned of either.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type LaunchOptions } from '@playwright/test';

export interface OrdinaryBrowser {
  context: BrowserContext;
  readonly close: () => Promise<void>;
}

/** WebRTC on loopback as well, and a camera and a microphone where the machine has none. */
const FURNISHED = [
  '--allow-loopback-in-peer-connection',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];

export async function ordinaryBrowser(options: LaunchOptions, ...more: string[]): Promise<OrdinaryBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'hanabi-profile-'));
  const args = [...(options.args ?? []), ...FURNISHED, ...more];
  const context = await chromium.launchPersistentContext(profile, { ...options, args, serviceWorkers: 'allow' });
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}

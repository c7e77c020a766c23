import { tick } from 'svelte';
import { backLayers } from '../ui/back-layers.svelte.ts';
import { HistorySteps } from '../ui/history-steps.ts';
import { roomy } from '../ui/viewport.ts';
import type { WindowManager } from './windows.svelte.ts';

/**
 * Where fingers are at work, going back leaves what is on top: a menu, a dialog or a panel, then one window after the
 * other. Windows are put aside and not closed, for what was not saved in them would be lost. Begins when the windows are
 * back that were open before the page was loaded again. Returns what ends it.
 */
export function followBack(windows: WindowManager): () => void {
  const steps = new HistorySteps((count) => void leave(count));
  const depth = () => (roomy.current ? backLayers.count + windows.shownHere.length : 0);

  async function leave(count: number): Promise<void> {
    for (let left = 0; left < count; left += 1) {
      if (backLayers.count > 0) backLayers.leaveTop();
      else if (windows.topmost) windows.minimise(windows.topmost.id);
      await tick();
    }
    // What cannot be left is still there, and has its step again.
    steps.want(depth());
  }

  const stopWatching = $effect.root(() => {
    $effect(() => steps.want(depth()));
  });
  return () => {
    stopWatching();
    steps.stop();
  };
}

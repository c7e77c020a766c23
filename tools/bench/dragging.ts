/**
 * Twenty module windows, left alone, and one of them dragged: frames a second by trace. The same browser drags one plain element in an
 * empty page, which is what the machine can do at all while it draws without a GPU.
 */
import type { CDPSession, Page } from '@playwright/test';
import { type Figure, figure } from './figures.ts';

const SETTLE_MS = 2000;
const IDLE_MS = 5000;
const DRAG_MS = 4000;
const STEP_MS = 6;

const BARE = `<!doctype html><body style="margin:0;height:100vh"><div style="width:400px;height:40px;background:navy"></div>
<script>
const box = document.querySelector('div');
addEventListener('pointermove', (event) => {
  requestAnimationFrame(() => (box.style.transform = 'translate(' + event.clientX + 'px,' + event.clientY + 'px)'));
});
</script>`;

interface TraceEvent {
  name: string;
  ts: number;
  args?: { layerTreeId?: number };
}

/** `page` shows the desktop with its windows open, and nothing going on. */
export async function dragFigures(page: Page): Promise<Figure[]> {
  const idle_ms = await busyWhileIdle(page);
  const bar = await page.locator('[data-window]').last().locator('.bar').boundingBox();
  const ours = await dragTraced(page, { x: bar!.x + bar!.width / 2, y: bar!.y + bar!.height / 2 });
  const empty = await page.context().newPage();
  await empty.setContent(BARE);
  const bare = await dragTraced(empty, { x: 500, y: 300 });
  await empty.close();
  const against = 'one plain element in an empty page; target 60';
  return [
    figure('shell.drag20', 'frames/s', ours.frames_per_s, bare.frames_per_s, against),
    figure('shell.drag20.dropped', '%', ours.dropped_percent, bare.dropped_percent, 'the same'),
    figure(
      'shell.idle',
      'ms',
      idle_ms,
      10,
      'target: of five seconds in which nobody does anything, twenty windows open',
    ),
  ];
}

/** How long the thread of the desktop computes in five seconds, in ms. */
async function busyWhileIdle(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  };
  await page.waitForTimeout(SETTLE_MS);
  const before = await busy();
  await page.waitForTimeout(IDLE_MS);
  return (await busy()) - before;
}

async function dragTraced(page: Page, hold: { x: number; y: number }) {
  const devtools = await page.context().newCDPSession(page);
  await page.mouse.move(hold.x, hold.y);
  await page.mouse.down();
  const events = await traced(devtools, () => circle(devtools, hold));
  await page.mouse.up();
  return countFrames(events);
}

/** Moves the mouse more often than there are frames, without waiting for the page to take each move. */
async function circle(devtools: CDPSession, { x, y }: { x: number; y: number }): Promise<void> {
  const sent: Promise<unknown>[] = [];
  const end = performance.now() + DRAG_MS;
  for (let step = 0; performance.now() < end; step += 1) {
    const angle = step / 20;
    const place = { x: x + Math.cos(angle) * 120, y: y + Math.sin(angle) * 80 + 80 };
    sent.push(devtools.send('Input.dispatchMouseEvent', { type: 'mouseMoved', button: 'left', buttons: 1, ...place }));
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  await Promise.all(sent);
}

async function traced(devtools: CDPSession, act: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await devtools.send('Tracing.start', {
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame'] },
    transferMode: 'ReportEvents',
  });
  await act();
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
  return events;
}

/** Of the page that drew most, which is the one that is dragged in; the frames of the modules draw nothing. */
function countFrames(events: readonly TraceEvent[]) {
  const drawn = new Map<number | undefined, number[]>();
  for (const { name, ts, args } of events) {
    if (name === 'DrawFrame') drawn.set(args?.layerTreeId, [...(drawn.get(args?.layerTreeId) ?? []), ts]);
  }
  const [tree, times] = [...drawn].toSorted(([, a], [, b]) => b.length - a.length)[0]!;
  const dropped = events.filter(({ name, args }) => name === 'DroppedFrame' && args?.layerTreeId === tree).length;
  return {
    frames_per_s: ((times.length - 1) / (times.at(-1)! - times[0]!)) * 1e6,
    dropped_percent: (dropped / (times.length + dropped)) * 100,
  };
}

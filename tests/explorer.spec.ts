/** File Explorer as people use it: with the mouse, by keyboard only, on a phone, with very many files. */
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page, Request } from '@playwright/test';
import { startServer } from '../apps/server/test/harness/start-server.ts';
import { chooseFiles } from './harness/file-chooser.ts';
import { expect, inEachView, openModule, signIn, startProgram, test } from './harness/house.ts';
import { ask, listen } from './harness/probe-client.ts';
import { slowRoad } from './harness/slow-road.ts';
import { violations, violationsInEachLook } from './harness/violations.ts';
import { MIB } from '@hanabi/protocol';

test.use({ viewport: { width: 1280, height: 800 } });

/** What the tests put into a folder before they begin, with the means of the desktop itself. */
async function fill(page: Page, parent: string, names: readonly string[]): Promise<string> {
  return page.evaluate(
    async ([folder, files]) => {
      const { csrf_token } = (await (await fetch('/api/session')).json()) as { csrf_token: string };
      const headers = { 'x-hanabi-csrf': csrf_token };
      const made = await fetch('/api/folders', {
        method: 'POST',
        body: JSON.stringify({ parent_id: 'root', name: folder }),
        headers: { ...headers, 'content-type': 'application/json' },
      });
      const { id } = (await made.json()) as { id: string };
      for (const name of files) {
        const address = `/api/folders/${id}/files?name=${encodeURIComponent(name)}`;
        const type = { 'content-type': 'application/octet-stream' };
        await fetch(address, { method: 'PUT', body: `This is ${name}.`, headers: { ...headers, ...type } });
      }
      return id;
    },
    [parent, names] as const,
  );
}

async function openExplorer(page: Page): Promise<Locator> {
  await startProgram(page, 'File Explorer');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ }).last();
  await expect(explorer.getByRole('option').first()).toBeVisible();
  return explorer;
}

/** A folder of its own for a test, open in a window. */
async function openFolder(page: Page, folder: string, names: readonly string[]): Promise<Locator> {
  await fill(page, folder, names);
  const explorer = await openExplorer(page);
  await tile(explorer, folder).dblclick();
  if (names.length > 0) await expect(tile(explorer, names[0]!)).toBeVisible();
  return explorer;
}

const tile = (explorer: Locator, name: string) => explorer.getByRole('option', { name: `${name},` });
const names = (explorer: Locator) =>
  explorer.getByRole('option').evaluateAll((all) => all.map((one) => one.getAttribute('title')));
const selected = (explorer: Locator) =>
  explorer.getByRole('option', { selected: true }).evaluateAll((all) => all.map((one) => one.getAttribute('title')));
const toast = (page: Page, text: string | RegExp) => page.getByTestId('toasts').getByText(text);

test('several are chosen, moved by dragging, and moved back by Undo', async ({ page, server }) => {
  await signIn(page, server);
  const files = ['one.txt', 'two.txt', 'three.txt', 'four.txt'];
  await fill(page, 'Drag', files);
  const explorer = await openExplorer(page);
  await tile(explorer, 'Drag').dblclick();
  await explorer.getByRole('button', { name: 'New folder' }).click();
  await page.getByLabel('Name of the folder').fill('Target');
  await page.keyboard.press('Enter');
  await expect(tile(explorer, 'Target')).toBeFocused();

  await tile(explorer, 'four.txt').click();
  await tile(explorer, 'three.txt').click({ modifiers: ['Shift'] });
  expect(await selected(explorer)).toEqual(['four.txt', 'one.txt', 'three.txt']);
  await tile(explorer, 'one.txt').click({ modifiers: ['Control'] });
  expect(await selected(explorer)).toEqual(['four.txt', 'three.txt']);

  await tile(explorer, 'three.txt').dragTo(tile(explorer, 'Target'));
  await expect(toast(page, '2 items moved')).toBeVisible();
  await expect.poll(() => names(explorer)).toEqual(['Target', 'one.txt', 'two.txt']);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect.poll(() => names(explorer)).toEqual(['Target', 'four.txt', 'one.txt', 'three.txt', 'two.txt']);

  // With Ctrl a drag copies; onto the way above, it moves up.
  await tile(explorer, 'one.txt').click();
  await page.keyboard.down('Control');
  await tile(explorer, 'one.txt').dragTo(tile(explorer, 'Target'));
  await page.keyboard.up('Control');
  await expect(toast(page, '“one.txt” copied')).toBeVisible();
  await expect(tile(explorer, 'one.txt')).toBeVisible();
  await tile(explorer, 'two.txt').dragTo(
    explorer.getByRole('navigation', { name: 'Folder path' }).getByRole('button', { name: 'My files' }),
  );
  await expect(toast(page, '“two.txt” moved')).toBeVisible();
  await expect(tile(explorer, 'two.txt')).toHaveCount(0);
});

test('a rubber band chooses what it touches', async ({ page, server }) => {
  await signIn(page, server);
  const explorer = await openFolder(page, 'Band', ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt', 'g.txt']);
  const from = (await tile(explorer, 'a.txt').boundingBox())!;
  const to = (await tile(explorer, 'c.txt').boundingBox())!;
  // From the free room below the last row up to the third of the first.
  const below = (await tile(explorer, 'g.txt').boundingBox())!;
  await page.mouse.move(to.x + to.width / 2, below.y + below.height + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width * 1.5, from.y + 40, { steps: 8 });
  await page.mouse.up();
  expect(await selected(explorer)).toEqual(['b.txt', 'c.txt']);
  await page.mouse.click(to.x + to.width / 2, below.y + below.height + 20);
  expect(await selected(explorer)).toEqual([]);
});

test('renamed in place, thrown away, restored, and the Trash emptied', async ({ page, server }) => {
  await signIn(page, server);
  const explorer = await openFolder(page, 'Names', ['draft.txt', 'other.txt']);
  await tile(explorer, 'draft.txt').click();
  await page.keyboard.press('F2');
  await page.keyboard.type('letter');
  await page.keyboard.press('Enter');
  await expect(tile(explorer, 'letter.txt')).toBeFocused();
  await expect(toast(page, '“draft.txt” is now called “letter.txt”')).toBeVisible();

  await page.keyboard.press('F2');
  await explorer.getByRole('textbox', { name: /New name/ }).fill('not/allowed');
  await page.keyboard.press('Enter');
  await expect(explorer.getByRole('alert')).toContainText('HANABI-F005');
  await page.keyboard.press('Escape');

  await page.keyboard.press('Delete');
  await expect.poll(() => names(explorer)).toEqual(['other.txt']);
  await explorer.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Trash' }).click();
  await tile(explorer, 'letter.txt').click();
  await explorer.getByRole('button', { name: 'Restore' }).click();
  await expect(toast(page, '“letter.txt” restored')).toBeVisible();
  await explorer.getByRole('button', { name: 'Back' }).click();
  await expect.poll(() => names(explorer)).toEqual(['letter.txt', 'other.txt']);

  await tile(explorer, 'other.txt').click();
  await page.keyboard.press('Delete');
  await expect(tile(explorer, 'other.txt')).toHaveCount(0);
  await tile(explorer, 'letter.txt').click();
  await page.keyboard.press('Delete');
  await expect(tile(explorer, 'letter.txt')).toHaveCount(0);
  await page.getByRole('list', { name: 'Programs on the desktop' }).getByRole('button', { name: 'Trash' }).dblclick();
  const trash = page.getByRole('dialog', { name: /Trash/ });
  // One thing alone, by key; who is asked and says no has lost nothing.
  await tile(trash, 'letter.txt').click();
  const single = page.getByRole('dialog', { name: 'Delete for good', exact: true });
  await page.keyboard.press('Delete');
  await expect(single.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(single).toHaveCount(0);
  await expect(tile(trash, 'letter.txt')).toBeFocused();
  await page.keyboard.press('Delete');
  await single.getByRole('button', { name: 'Delete for good' }).click();
  await expect(tile(trash, 'letter.txt')).toHaveCount(0);
  await expect(tile(trash, 'other.txt')).toBeVisible();
  await trash.getByRole('button', { name: 'Empty Trash' }).click();
  const question = page.getByRole('dialog', { name: 'Empty Trash', exact: true });
  await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await question.getByRole('button', { name: 'Empty Trash' }).click();
  await expect(trash.getByText('The Trash is empty')).toBeVisible();
});

test('a copy keeps both, a cut moves between windows', async ({ page, server }) => {
  await signIn(page, server);
  const explorer = await openFolder(page, 'Copies', ['plan.txt']);
  await tile(explorer, 'plan.txt').click();
  await page.keyboard.press('Control+c');
  await page.keyboard.press('Control+v');
  await expect.poll(() => names(explorer)).toHaveLength(2);
  const [copy] = await selected(explorer);
  expect(copy).not.toBe('plan.txt');
  await page.keyboard.press('Control+z');
  await expect.poll(() => names(explorer)).toEqual(['plan.txt']);
  await page.keyboard.press('Control+y');
  await expect.poll(() => names(explorer)).toHaveLength(2);
  await page.keyboard.press('Control+z');
  await expect.poll(() => names(explorer)).toEqual(['plan.txt']);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(() => names(explorer)).toHaveLength(2);
  await page.keyboard.press('Control+z');
  await expect.poll(() => names(explorer)).toEqual(['plan.txt']);

  await tile(explorer, 'plan.txt').click();
  await page.keyboard.press('Control+x');
  await expect(tile(explorer, 'plan.txt')).toHaveClass(/cut/);
  const second = await openExplorer(page);
  await tile(second, 'Documents').dblclick();
  await expect(second.getByText('This folder is empty')).toBeVisible();
  await page.keyboard.press('Control+v');
  await expect(tile(second, 'plan.txt')).toBeFocused();
  await expect(page.getByRole('option', { name: 'plan.txt,' })).toHaveCount(1);
});

test('a folder from the computer is uploaded with everything in it', async ({ page, server }) => {
  await signIn(page, server);
  const trip = join(await mkdtemp(join(tmpdir(), 'hanabi-tree-')), 'Trip');
  await mkdir(join(trip, 'days', 'first'), { recursive: true });
  await mkdir(join(trip, 'empty'));
  await writeFile(join(trip, 'plan.txt'), 'north');
  await writeFile(join(trip, 'days', 'first', 'diary.txt'), 'rain');
  await writeFile(join(trip, 'days', 'nothing.txt'), '');

  const explorer = await openFolder(page, 'Uploads', ['here.txt']);
  await dropFromComputer(page, explorer, [trip]);
  await expect(explorer.getByText('3 files uploaded')).toBeVisible();
  await tile(explorer, 'Trip').dblclick();
  await expect.poll(() => names(explorer)).toEqual(['days', 'empty', 'plan.txt']);
  await tile(explorer, 'days').dblclick();
  await expect.poll(() => names(explorer)).toEqual(['first', 'nothing.txt']);
  await tile(explorer, 'first').dblclick();
  await expect(tile(explorer, 'diary.txt')).toBeVisible();

  // Offered once more it finds everything there.
  await explorer.getByRole('navigation', { name: 'Folder path' }).getByRole('button', { name: 'Uploads' }).click();
  await expect(tile(explorer, 'Trip')).toBeVisible();
  await dropFromComputer(page, explorer, [trip]);
  await expect(explorer.getByText('Already there')).toHaveCount(3);
  await tile(explorer, 'Trip').dblclick();
  await expect.poll(() => names(explorer)).toEqual(['days', 'empty', 'plan.txt']);
});

test('an upload outlives a reload and a lost connection', async ({ page, server }) => {
  const road = await slowRoad(server.url);
  try {
    await signIn(page, { ...server, url: road.url });
    const path = join(await mkdtemp(join(tmpdir(), 'hanabi-large-')), 'film.bin');
    await writeFile(path, Buffer.alloc(24 * MIB, 7));
    const explorer = await openFolder(page, 'Large', ['here.txt']);
    const bar = page.getByRole('progressbar', { name: 'Upload of film.bin' });

    road.allow(8 * MIB);
    await choose(page, explorer, path);
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(25);
    // The way is cut before the page leaves, so that none of what was under way arrives behind its back.
    road.cut();
    await page.goto('about:blank');
    road.mend();
    await page.goto(road.url);

    const again = await openExplorer(page);
    await expect(again.getByText(/The upload of film.bin was interrupted/)).toBeVisible();
    await tile(again, 'Large').dblclick();
    await expect(tile(again, 'here.txt')).toBeVisible();
    const offsets: number[] = [];
    page.on('request', (request: Request) => {
      if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
    });
    road.allow(4 * MIB);
    await choose(page, again, path);
    // Only the rest travels.
    await expect.poll(() => offsets.length).toBeGreaterThan(0);
    expect(offsets[0]).toBeGreaterThan(4 * MIB);
    road.cut();
    await expect(again.getByText('No connection, trying again')).toBeVisible();
    road.mend();
    await expect(again.getByText('1 file uploaded')).toBeVisible({ timeout: 60_000 });
    expect(offsets.at(-1)).toBeGreaterThanOrEqual(offsets[0]!);
    await expect(tile(again, 'film.bin')).toHaveText(/24 MiB/);
    await expect(tile(again, 'film.bin')).toHaveCount(1);

    // Cancelled half-way, nothing of it is kept.
    await writeFile(path, Buffer.alloc(20 * MIB, 8));
    road.allow(4 * MIB);
    await choose(page, again, path);
    await again.getByRole('button', { name: 'Pause upload of film.bin' }).click();
    await expect(again.getByText('Paused')).toBeVisible();
    road.allow(Number.POSITIVE_INFINITY);
    await again.getByRole('button', { name: 'Cancel upload of film.bin' }).click();
    await expect(again.getByText('Cancelled')).toBeVisible();
    await page.reload();
    await openExplorer(page);
    await expect(page.getByText(/was interrupted/)).toHaveCount(0);
  } finally {
    road.close();
  }
});

test('found by name, shown with its place, previewed, and shown in its folder', async ({ page, server }) => {
  await signIn(page, server);
  const explorer = await openFolder(page, 'Archive', ['Überraschung.txt', 'page.html']);
  await page.keyboard.press('Control+f');
  await page.keyboard.type('uberrasch');
  await page.keyboard.press('Enter');
  await expect(explorer.getByRole('option')).toHaveCount(1);
  await explorer.getByRole('option').click();
  await page.keyboard.press('Alt+p');
  await expect(explorer.getByRole('complementary')).toContainText('This is Überraschung.txt.');
  await explorer.getByRole('option').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Show in its folder' }).click();
  await expect(tile(explorer, 'Überraschung.txt')).toBeFocused();

  await page.keyboard.press('Alt+Enter');
  const properties = page.getByRole('dialog', { name: /Properties/ });
  await expect(properties).toContainText('My files › Archive');
  await expect(properties).toContainText(/[0-9a-f]{64}/);
  await page.keyboard.press('Escape');

  await explorer.getByRole('button', { name: 'Recent' }).click();
  await expect(tile(explorer, 'page.html')).toBeVisible();
});

test('sound plays in the preview, and a selection is downloaded as one archive', async ({ page, server }) => {
  await signIn(page, server);
  const explorer = await openFolder(page, 'Sound', ['text.txt']);
  const path = join(await mkdtemp(join(tmpdir(), 'hanabi-sound-')), 'tone.wav');
  await writeFile(path, silence(2));
  await choose(page, explorer, path);
  await tile(explorer, 'tone.wav').click();
  await page.keyboard.press('Alt+p');
  const audio = explorer.locator('audio');
  await expect.poll(() => audio.evaluate((element: HTMLAudioElement) => element.duration)).toBeCloseTo(2, 1);
  await tile(explorer, 'text.txt').click({ modifiers: ['Control'] });
  const downloading = page.waitForEvent('download');
  await explorer.getByRole('button', { name: 'Download' }).first().click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('Sound.zip');
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  expect(bytes.includes('tone.wav') && bytes.includes('text.txt')).toBe(true);
});

test('a double click counts although a thumbnail comes in place of the icon in the middle of it', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  const explorer = await openFolder(page, 'Pictured', ['a.txt']);
  await explorer.getByRole('button', { name: 'Up one folder' }).click();
  const folder = tile(explorer, 'Pictured');
  const picture = (await folder.locator('svg').boundingBox())!;
  await page.mouse.move(picture.x + picture.width / 2, picture.y + picture.height / 2);
  for (const clickCount of [1, 2]) {
    await page.mouse.down({ clickCount });
    await folder.locator('svg').evaluate((icon) => icon.replaceWith(icon.cloneNode(true)));
    await page.mouse.up({ clickCount });
  }
  await expect(tile(explorer, 'a.txt')).toBeVisible();
});

test('everything by keyboard', async ({ page, server }) => {
  await signIn(page, server);
  await fill(page, 'Keys', ['alpha.txt', 'beta.txt', 'gamma.txt']);
  await page.keyboard.press('Control+Space');
  await page.keyboard.type('File Explorer');
  await page.keyboard.press('Enter');
  const explorer = page.getByRole('dialog', { name: /File Explorer/ });
  await expect(explorer.getByRole('option').first()).toBeFocused();
  await page.keyboard.type('key');
  await expect(tile(explorer, 'Keys')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(tile(explorer, 'alpha.txt')).toBeFocused();

  await page.keyboard.press('Alt+n');
  await page.keyboard.type('Boxes');
  await page.keyboard.press('Enter');
  await expect(tile(explorer, 'Boxes')).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+ArrowLeft');
  expect(await selected(explorer)).toEqual(['beta.txt', 'gamma.txt']);
  await page.keyboard.press('Control+ArrowLeft');
  await expect(tile(explorer, 'alpha.txt')).toBeFocused();
  await page.keyboard.press('Control+Space');
  expect(await selected(explorer)).toEqual(['alpha.txt', 'beta.txt', 'gamma.txt']);

  await page.keyboard.press('Control+x');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(explorer.getByText('This folder is empty')).toBeVisible();
  await page.keyboard.press('Control+v');
  await expect(tile(explorer, 'gamma.txt')).toBeFocused();
  expect(await selected(explorer)).toEqual(['alpha.txt', 'beta.txt', 'gamma.txt']);

  await page.keyboard.press('Delete');
  await expect(explorer.getByText('This folder is empty')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(tile(explorer, 'gamma.txt')).toBeVisible();
  await page.keyboard.press('Backspace');
  await expect(tile(explorer, 'Boxes')).toBeFocused();
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Open' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(tile(explorer, 'Boxes')).toBeFocused();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(tile(explorer, 'alpha.txt').or(tile(explorer, 'gamma.txt')).first()).toBeVisible();
});

test('files of the desktop and of the computer are dropped onto a module', async ({ page, server }) => {
  await page.setViewportSize({ width: 1600, height: 900 });
  await signIn(page, server);
  const frame = await openModule(page, 'probe-one');
  await listen(frame);
  expect(await ask(frame, 'HANABI_ENABLE_FILE_DROP')).toMatchObject({ ok: true });
  const module = page.getByRole('dialog', { name: 'probe-one' });
  await drag(page, (await module.getByRole('heading').boundingBox())!, { x: 1250, y: 120 });
  const explorer = await openFolder(page, 'Giving', ['gift.txt', 'other.txt']);
  await drag(page, (await explorer.getByRole('heading').boundingBox())!, { x: 250, y: 60 });

  const told = () =>
    frame.evaluate(() =>
      window.heard
        .filter(({ type }) => type === 'HANABI_FILES_DROPPED')
        .map((event) => (event as unknown as { files: { name: string }[] }).files.map(({ name }) => name)),
    );
  await tile(explorer, 'gift.txt').hover();
  await page.mouse.down();
  const to = (await module.locator('iframe').boundingBox())!;
  const at = { x: to.x + to.width / 2, y: to.y + to.height / 2 };
  await page.mouse.move(at.x, at.y, { steps: 12 });
  await expect(module.getByText('Drop to give it to probe-one')).toBeVisible();
  await page.mouse.move(at.x + 5, at.y + 5);
  await page.mouse.up();
  await expect.poll(told).toEqual([['gift.txt']]);
  await expect(tile(explorer, 'gift.txt')).toBeVisible();

  const folder = await mkdtemp(join(tmpdir(), 'hanabi-give-'));
  await writeFile(join(folder, 'letter.txt'), 'hello');
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files: [join(folder, 'letter.txt')], dragOperationsMask: 1 };
  const title = (await module.getByRole('heading').boundingBox())!;
  await browser.send('Input.dispatchDragEvent', { type: 'dragEnter', x: title.x + 5, y: title.y + 5, data });
  await expect(module.getByText('Drop to give it to probe-one')).toBeVisible();
  await browser.send('Input.dispatchDragEvent', { type: 'dragOver', ...at, data });
  await browser.send('Input.dispatchDragEvent', { type: 'drop', ...at, data });
  await expect.poll(told).toEqual([['gift.txt'], ['letter.txt']]);
  await expect(module.getByText('Drop to give it to probe-one')).toHaveCount(0);
});

/** A module that takes files, over the whole screen: what comes in from the left edge meets nothing of the desktop. */
async function openWide(page: Page) {
  const frame = await openModule(page, 'probe-drop');
  const told = () => frame.evaluate(() => (window as unknown as { told?: string[] }).told);
  await expect.poll(told).toEqual([]);
  const module = page.getByRole('dialog', { name: 'probe-drop' });
  await module.getByRole('button', { name: 'Maximise' }).click();
  expect((await module.locator('iframe').boundingBox())!.x).toBeLessThan(3);
  const folder = await mkdtemp(join(tmpdir(), 'hanabi-give-'));
  await writeFile(join(folder, 'letter.txt'), 'hello');
  const data = { items: [], files: [join(folder, 'letter.txt')], dragOperationsMask: 1 };
  const browser = await page.context().newCDPSession(page);
  const dragFile = (type: 'dragEnter' | 'dragOver' | 'drop', x: number) =>
    browser.send('Input.dispatchDragEvent', { type, x, y: 400, data });
  return { told, dragFile, layer: module.getByText('Drop to give it to probe-drop') };
}

test('files of the computer that come in right above a module’s page are dropped onto it', async ({ page, server }) => {
  await signIn(page, server);
  const { told, dragFile, layer } = await openWide(page);
  await dragFile('dragEnter', 4);
  await expect(layer).toBeVisible();
  // A browser lets the drag enter what lies under it now; its tool for tests has to be told, once that is painted.
  await expect(async () => {
    await dragFile('dragEnter', 12);
    await expect(layer.locator('..')).toHaveClass(/over/, { timeout: 500 });
  }).toPass();
  await dragFile('dragOver', 300);
  await dragFile('drop', 300);
  await expect.poll(told).toEqual(['letter.txt']);
  await expect(layer).toHaveCount(0);
});

test('a drag that is gone before the desktop saw it leaves nothing in the way of the pointer', async ({
  page,
  server,
}) => {
  await signIn(page, server);
  const { dragFile, layer } = await openWide(page);
  await dragFile('dragEnter', 4);
  await expect(layer).toBeVisible();
  // Pointers never rest for long; the first move may still meet the page, before the layer is painted.
  let x = 300;
  await expect(async () => {
    await page.mouse.move((x += 5), 300);
    await expect(layer).toHaveCount(0, { timeout: 500 });
  }).toPass();
});

test('ten thousand entries scroll with few elements in the page', async ({ page }) => {
  const many = 10_000;
  const server = await startServer({
    prepare: async (db) => {
      const { id: user_id, root_folder_id } = await db.selectFrom('users').selectAll().executeTakeFirstOrThrow();
      const at = new Date().toISOString();
      for (let start = 0; start < many; start += 500) {
        const rows = Array.from({ length: 500 }, (_, step) => {
          const name = `folder ${String(start + step).padStart(5, '0')}`;
          const times = { created_at: at, updated_at: at };
          const own = { module_id: null, role: null, top: null };
          return {
            id: `many-${start + step}`,
            user_id,
            parent_id: root_folder_id,
            name,
            search_name: name,
            ...own,
            ...times,
          };
        });
        await db.insertInto('folders').values(rows).execute();
      }
    },
  });
  try {
    await signIn(page, server);
    const explorer = await openExplorer(page);
    const content = explorer.getByRole('region', { name: 'My files', exact: true });
    for (const view of ['tiles', 'list'] as const) {
      const rows = explorer.getByRole(view === 'tiles' ? 'option' : 'row');
      if (view === 'list') await explorer.getByRole('button', { name: 'Show as list' }).click();
      await expect(content.getByText('folder 00000')).toBeVisible();
      await rows.nth(3).click();
      const name = await page.evaluate(() => (document.activeElement as HTMLElement).dataset['entry']);
      const scroller = explorer.locator('.scroller');
      const most = await scroller.evaluate(async (element) => {
        let elements = 0;
        for (let step = 0; step <= 60; step += 1) {
          element.scrollTop = (element.scrollHeight * step) / 60;
          await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
          elements = Math.max(elements, element.querySelectorAll('*').length);
          const { top, height } = element.getBoundingClientRect();
          const middle = document.elementFromPoint(element.getBoundingClientRect().left + 90, top + height / 2);
          if (!middle?.closest('[data-entry], [data-canvas]')) throw new Error(`nothing at step ${step}`);
        }
        return elements;
      });
      expect(most).toBeLessThan(1500);
      // The focus is where it was, far out of sight, and the next key brings it back.
      expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset['entry'])).toBe(name);
      await page.keyboard.press('End');
      await expect(content.getByText('folder 09999')).toBeVisible();
      await page.keyboard.press('Home');
      await page.keyboard.type('folder 05000');
      await expect(content.getByText('folder 05000')).toBeVisible();
    }
    const last = explorer.getByRole('row', { selected: true });
    expect(Number(await last.getAttribute('aria-rowindex'))).toBeGreaterThan(5000);
    expect(await explorer.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(many + 4));
  } finally {
    await server.stop();
  }
});

inEachView((name) => {
  test('no violation of accessibility rules', async ({ page, server }) => {
    await signIn(page, server);
    const folder = `Accessible ${name}`;
    const explorer = await openFolder(page, folder, ['a.txt', 'b.png', 'c.mp3']);
    expect(await violationsInEachLook(page), 'tiles').toEqual([]);
    await tile(explorer, 'a.txt').click();
    await page.keyboard.press('F2');
    expect(await violationsInEachLook(page), 'renaming').toEqual([]);
    await page.keyboard.press('Escape');
    if (name !== 'phone') {
      await page.keyboard.press('Alt+p');
      await expect(explorer.getByRole('complementary')).toContainText('This is a.txt.');
      expect(await violationsInEachLook(page), 'preview').toEqual([]);
      await page.keyboard.press('Alt+p');
    }
    await tile(explorer, 'b.png').click({ button: 'right' });
    expect(await violationsInEachLook(page), 'menu').toEqual([]);
    await page.getByRole('menuitem', { name: 'Move to Trash' }).click();
    await expect(toast(page, /moved to the Trash/)).toBeVisible();
    expect(await violationsInEachLook(page), 'toast').toEqual([]);
    await explorer.getByRole('button', { name: 'Show as list' }).click();
    await expect(explorer.getByRole('row', { name: 'a.txt' })).toBeVisible();
    expect(await violationsInEachLook(page), 'list').toEqual([]);
    await explorer.getByRole('searchbox').fill('a.txt');
    await page.keyboard.press('Enter');
    await expect(explorer.getByRole('row', { name: 'a.txt' }).first()).toBeVisible();
    expect(await violationsInEachLook(page), 'search').toEqual([]);
    await explorer.getByRole('row', { name: 'a.txt' }).first().getByText('a.txt').click();
    await page.keyboard.press('Alt+Enter');
    await expect(page.getByRole('dialog', { name: /Properties/ })).toContainText('SHA-256');
    expect(await violationsInEachLook(page), 'properties').toEqual([]);
  });
});

test.describe('with fingers', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a long press begins to choose, and the bar at the foot acts', async ({ page, server }) => {
    await signIn(page, server);
    const folder = await fill(page, 'Fingers', ['a.txt', 'b.txt', 'c.txt']);
    expect(folder).not.toBe('');
    await page.getByRole('button', { name: 'File Explorer' }).tap();
    const explorer = page.getByRole('dialog', { name: /File Explorer/ });
    await tile(explorer, 'Fingers').tap();
    await expect(tile(explorer, 'a.txt')).toBeVisible();
    await longPress(page, tile(explorer, 'a.txt'));
    const bar = explorer.getByRole('toolbar', { name: 'What is selected' });
    await expect(bar).toBeVisible();
    await tile(explorer, 'c.txt').tap();
    expect(await selected(explorer)).toEqual(['a.txt', 'c.txt']);
    expect(await violations(page)).toEqual([]);
    await bar.getByRole('button', { name: 'Cut' }).tap();
    await explorer.getByRole('button', { name: 'Up one folder' }).tap();
    await tile(explorer, 'Documents').tap();
    await explorer.getByRole('button', { name: 'Put 2 items here' }).tap();
    await expect(tile(explorer, 'c.txt')).toBeVisible();
    await explorer.getByRole('button', { name: 'Places' }).tap();
    await page.getByRole('menuitem', { name: 'Recent' }).tap();
    await expect(tile(explorer, 'b.txt')).toBeVisible();
  });
});

/** Takes hold in the middle of a box and lets go somewhere else. */
async function drag(
  page: Page,
  from: { x: number; y: number; width: number; height: number },
  to: { x: number; y: number },
): Promise<void> {
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await page.mouse.up();
}

async function longPress(page: Page, target: Locator): Promise<void> {
  const { x, y } = (await target.boundingBox())!;
  const fingers = await page.context().newCDPSession(page);
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 30, y: y + 40 }] });
  await expect(target).toHaveAttribute('aria-selected', 'true');
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

/** A sound of so many seconds, as a WAV file of 8,000 samples a second. */
function silence(length_s: number): Buffer {
  const samples = 8000 * length_s;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]);
}

async function choose(page: Page, explorer: Locator, path: string): Promise<void> {
  await chooseFiles(page, () => explorer.getByRole('button', { name: 'Upload files' }).first().click(), path);
}

/** A drag that begins outside of the browser, which only the browser itself can imitate. */
async function dropFromComputer(page: Page, explorer: Locator, files: string[]): Promise<void> {
  const { x, y, width, height } = (await explorer.locator('.content').boundingBox())!;
  const at = { x: x + width / 2, y: y + height - 20 };
  const data = { items: [], files, dragOperationsMask: 1 };
  const browser = await page.context().newCDPSession(page);
  await browser.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at, data });
  await browser.send('Input.dispatchDragEvent', { type: 'dragOver', ...at, data });
  await expect(explorer.getByText(/Drop to upload into/)).toBeVisible();
  await browser.send('Input.dispatchDragEvent', { type: 'drop', ...at, data });
}

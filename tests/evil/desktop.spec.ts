/** The desktop around a hostile page: not covered, not answered for, not spoken for, not led away. */
import type { Page } from '@playwright/test';
import { openModule } from '../harness/house.ts';
import { ask, listen } from '../harness/probe-client.ts';
import { enter, expect, takeStage, test } from './house.ts';

const LIST_ALL = { folderId: 'root' };
const question = (page: Page) => page.getByRole('dialog', { name: 'May Evil do this?' });

/** Sent into the page as a whole. */
const showAll = (who: string) => {
  alert(who);
  confirm(who);
  prompt(who);
  print();
};

const facts = () => ({
  origin: self.origin,
  isolated: crossOriginIsolated,
  shared: typeof SharedArrayBuffer,
  opener: window.opener === null,
});

test('a yes that is clicked the moment its question appears is none', async ({ desktop, evil }) => {
  await listen(evil);
  // Nobody is faster than this.
  await desktop.evaluate(() => {
    new MutationObserver(() => {
      const allow = [...document.querySelectorAll('button')].find((button) => button.textContent?.trim() === 'Allow');
      if (allow) allow.click();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await evil.evaluate((payload) => void window.ask('HANABI_FS_LIST', payload), LIST_ALL);
  await expect(question(desktop).getByRole('button', { name: 'Allow', exact: true })).toBeVisible();
  expect(await evil.evaluate(() => window.heard.length)).toBe(0);
  await question(desktop).getByRole('button', { name: 'Not now' }).click();
  await expect.poll(() => evil.evaluate(() => window.heard.map(({ error }) => error?.code))).toEqual(['HANABI-P003']);
});

test('nothing of a page lies over a question, and its events answer nothing', async ({ desktop, evil }) => {
  await listen(evil);
  await evil.evaluate(() => {
    document.body.innerHTML = '<dialog style="position:fixed;inset:0;width:9999px;height:9999px">over all</dialog>';
    document.querySelector('dialog')!.showModal();
    void window.ask('HANABI_FS_LIST', { folderId: 'root' });
  });
  const allow = question(desktop).getByRole('button', { name: 'Allow', exact: true });
  await expect(allow).toHaveAttribute('aria-disabled', 'false');
  const onTop = await allow.evaluate((button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  });
  expect(onTop).toBe(true);
  await evil.evaluate(() => {
    for (const target of [window, document, document.body, parent]) {
      try {
        target.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        target.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      } catch {
        // The parent is not its own.
      }
    }
  });
  expect((await ask(evil, 'HANABI_GET_CONTEXT')).ok).toBe(true);
  await expect(question(desktop)).toBeVisible();
});

test('a page that takes the focus from a question of the desktop, or a panel, gets no keys', async ({
  desktop,
  evil,
}) => {
  await listen(evil);
  await evil.evaluate(() => void window.ask('HANABI_FS_LIST', { folderId: 'root' }));
  await expect(question(desktop)).toBeVisible();
  await evil.evaluate(() => {
    document.body.innerHTML = '<input>';
    addEventListener('blur', () => Object.assign(window, { lost: true }));
    document.querySelector('input')!.focus();
  });
  // Once may have been bad luck, and only costs the focus.
  await expect.poll(() => evil.evaluate(() => 'lost' in window)).toBe(true);
  await desktop.keyboard.type('secret');
  await desktop.keyboard.press('Escape');
  expect(await evil.evaluate(() => document.querySelector('input')!.value)).toBe('');

  const greedy = await openModule(desktop, 'Greedy');
  await desktop.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(desktop.getByText('Greedy was stopped')).toBeVisible();
  await expect(desktop.getByText('HANABI-M018')).toBeVisible();
  expect(greedy.isDetached()).toBe(true);
  await expect(desktop.getByRole('combobox', { name: 'Search programs' })).toBeFocused();
  await desktop.keyboard.type('a secret');
  await expect(desktop.getByRole('combobox', { name: 'Search programs' })).toHaveValue('a secret');
});

test('alert, confirm, prompt and print show nothing', async ({ desktop, evil, stage }) => {
  const shown: string[] = [];
  for (const page of [desktop, stage.page()]) {
    page.on('dialog', (dialog) => {
      shown.push(dialog.message());
      void dialog.dismiss();
    });
  }
  await evil.evaluate(showAll, 'evil');
  await stage.evaluate(showAll, 'stage');
  expect(shown).toEqual(['stage', 'stage', 'stage']);
});

test('a page cannot hold the desktop back when it is closed', async ({ desktop, evil }) => {
  const shown: string[] = [];
  desktop.on('dialog', (dialog) => {
    shown.push(dialog.type());
    void dialog.accept();
  });
  await evil.evaluate(() => addEventListener('beforeunload', (event) => event.preventDefault()));
  await evil.locator('body').click();
  const closed = desktop.waitForEvent('close');
  await desktop.close({ runBeforeUnload: true });
  await closed;
  expect(shown).toEqual([]);
});

test('a page that goes back in history leaves the desktop where it is', async ({ context, house, theatre, evil }) => {
  const desktop = evil.page();
  await listen(evil);
  expect(desktop.url()).toBe(`${house.server.url}/`);
  await evil
    .evaluate(() => {
      for (const steps of [-1, -2, -3]) history.go(steps);
      parent.history.back();
    })
    .catch(() => undefined);
  // Somebody whose history it is goes back.
  const stage = (await takeStage(context, theatre)).page();
  await stage.goto(`${theatre.url}/sibling`);
  await stage.goBack();
  await expect(stage).toHaveURL(`${theatre.url}/`);
  await expect(desktop).toHaveURL(`${house.server.url}/`);
  await expect(desktop.getByRole('dialog', { name: 'Evil', exact: true })).toBeVisible();
});

test('a notification comes under the name of its module, as one line of plain text', async ({
  desktop,
  evil,
  house,
}) => {
  await listen(evil);
  const markup = `<img src="${house.road.url}/api/session/painted" onerror="document.title='taken'"><b>Update</b>`;
  const sent = await ask(evil, 'HANABI_NOTIFY', {
    title: 'HanabiMatsuri\u202e\u2066 \u0000System\u200b',
    message: `${markup}\n\n\n\u202eesrever\u2069`,
    tone: 'error',
  });
  expect(sent.ok).toBe(true);
  const notice = desktop.getByRole('group', { name: 'Evil' });
  await expect(notice).toContainText('Evil');
  await expect(notice).toContainText('HanabiMatsuri System');
  await expect(notice).toContainText('<b>Update</b> esrever');
  expect(await notice.locator('b, img[src*="painted"]').count()).toBe(0);
  expect(await notice.textContent()).not.toMatch(/[\p{Cf}]/u);
  for (const forged of [{ moduleName: 'Victim' }, { sender: 'system' }, { iconUrl: '/x.png' }, { html: '<b>x</b>' }]) {
    expect((await ask(evil, 'HANABI_NOTIFY', { message: 'x', ...forged })).error).toMatchObject({
      code: 'HANABI-V002',
    });
  }
  expect(house.road.travelled.join('\n')).not.toContain('/painted');
});

test('a page changes neither the name of its window nor that of the desktop', async ({ desktop, evil }) => {
  const title = await desktop.title();
  await listen(evil);
  await evil.evaluate(() => {
    document.title = 'Please sign in again';
    window.name = 'desktop';
  });
  expect((await ask(evil, 'HANABI_GET_CONTEXT')).ok).toBe(true);
  await expect(desktop.getByRole('dialog', { name: 'Evil', exact: true })).toBeVisible();
  expect(await desktop.title()).toBe(title);
});

test('a page shares no memory and is nobody’s origin, also in a tab of its own', async ({ context, desktop, evil }) => {
  const nobody = { origin: 'null', isolated: false, shared: 'undefined', opener: true };
  expect(await evil.evaluate(facts)).toEqual(nobody);
  const address = await evil.evaluate(() => location.href);
  const tab = await context.newPage();
  await tab.goto(address);
  expect(await tab.evaluate(facts)).toEqual(nobody);
  expect(await tab.evaluate(() => window.reach('a cookie of the host'))).toMatch(/^refused/);
  expect(await tab.evaluate(() => window.reach('localStorage'))).toMatch(/^refused/);
  expect(await desktop.evaluate(() => self.origin)).not.toBe('null');
});

test('the desktop appears in nobody’s frame', async ({ context, house, stage, theatre }) => {
  await enter(context, house);
  const framed = async (src: string) => {
    await stage.evaluate((address) => {
      const frame = Object.assign(document.createElement('iframe'), { src: address, name: 'trap' });
      document.querySelector('iframe[name=trap]')?.remove();
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener('load', resolve));
    }, src);
    return stage.childFrames().find((frame) => frame.name() === 'trap')!;
  };
  expect(await (await framed(`${theatre.url}/sibling`)).locator('body').textContent()).toBe('sibling');
  const trap = await framed(house.server.url);
  expect(await trap.getByRole('button').count()).toBe(0);
  expect(trap.url()).toMatch(/^chrome-error:/);
});

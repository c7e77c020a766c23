import { fireEvent, screen, within } from '@testing-library/svelte';
import { beforeEach, expect, it } from 'vitest';
import { Shell } from '../src/desktop/shell.svelte.ts';
import ModuleData from '../src/module-data/module-data.svelte';
import { MemoryApi } from './memory-api.ts';
import { renderInShell } from './render-in-shell.ts';

const quota = { collections: 100, records: 1_000_000, bytes: 1_000_000_000 };
let api: MemoryApi;

function record(id: string, data: unknown) {
  const at = '2026-06-01T10:00:00.000Z';
  return { id, version: 1, created_at: at, updated_at: at, data: JSON.stringify(data) };
}

beforeEach(() => {
  api = new MemoryApi();
  api.kept = [
    { module_id: 'shop', name: 'Shop', usage: { collections: 2, records: 4, bytes: 2000 }, quota, settings: 1 },
    { module_id: 'old', name: null, usage: { collections: 0, records: 0, bytes: 0 }, quota, settings: 3 },
  ];
  api.documents['shop'] = {
    items: [record('a', { name: '花火' }), record('b', { n: 2 }), record('c', '<b>bold</b>')],
    notes: [record('n', null)],
  };
  renderInShell(new Shell(api), ModuleData, {});
});

const button = (name: string) => screen.findByRole('button', { name });

it('lists what each module keeps, those that are gone too', async () => {
  const list = within(await screen.findByRole('list', { name: 'Modules that keep something' }));
  const [shop, old] = list.getAllByRole('listitem');
  expect(shop!.textContent).toMatch(/Shop.*4 records · 1\.95 KiB of 954 MiB · 1 setting/s);
  expect(old!.textContent).toMatch(/old.*not installed.*3 settings/s);
  const link = screen.getByRole('link', { name: 'Export what Shop keeps as JSON' });
  expect(link.getAttribute('href')).toBe('/api/module-data/shop/export');
});

it('shows the records of a collection, page by page, as text', async () => {
  await fireEvent.click(await button('Browse what Shop keeps'));
  await fireEvent.click(await button('items 3 records'));
  await fireEvent.click(await button('Show more'));
  const records = within(await screen.findByRole('region', { name: 'Records of items' }));
  expect(await records.findByText('"<b>bold</b>"')).toBeTruthy();
  expect(records.getAllByRole('listitem')).toHaveLength(3);
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
});

it('deletes a record, a collection and everything, and only when told twice', async () => {
  await fireEvent.click(await button('Browse what Shop keeps'));
  await fireEvent.click(await button('items 3 records'));
  await fireEvent.click(await button('Delete the record a'));
  await fireEvent.click(await button('Cancel'));
  expect(api.documents['shop']!['items']).toHaveLength(3);
  await fireEvent.click(await button('Delete the record a'));
  await fireEvent.click(await button('Delete'));
  await button('items 2 records');
  expect(screen.queryByRole('button', { name: 'Delete the record a' })).toBeNull();
  await fireEvent.click(await button('Delete the collection notes'));
  await fireEvent.click(await button('Delete'));
  await expect.poll(() => screen.queryByRole('button', { name: 'notes 1 record' })).toBeNull();
  await fireEvent.click(await button('All modules'));
  await fireEvent.click(await button('Delete all that Shop keeps'));
  await fireEvent.click(await button('Delete'));
  await expect.poll(() => screen.queryByText('Shop')).toBeNull();
  expect(api.documents).toEqual({});
});

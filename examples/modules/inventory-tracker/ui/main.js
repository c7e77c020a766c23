import { createHanabiClient } from './hanabi-sdk.js';
import { createItemList } from './item-list.js';
import { createStore } from './store.js';

const hanabi = createHanabiClient();
const store = createStore(hanabi);
const part = (id) => document.getElementById(id);
const list = createItemList(part('items'), {
  onstep: (id, by) => void attempt(() => step(id, by)),
  onedit: edit,
  onremove: (item) => void attempt(() => remove(item)),
});

/** The article in the editor, as it was read; null: a new one. */
let edited = null;
/** Where the next page begins. */
let next = null;
/** Of two loads under way the one that was asked for last is shown. */
let loads = 0;

on('save', 'click', save);
on('more', 'click', showMore);
on('category-filter', 'change', load);
on('low-filter', 'change', load);
part('cancel').addEventListener('click', () => edit(null));
for (const id of ['name', 'category', 'quantity', 'minimum']) {
  // A module's frame submits no forms, so Enter is listened for.
  part(id).addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) void attempt(save);
  });
}

await hanabi.getContext();
store.onChanged((id) => void attempt(() => changedElsewhere(id)));
await attempt(load);

function filter() {
  const category = part('category-filter').value.trim();
  return { ...(category && { category }), ...(part('low-filter').checked && { low: true }) };
}

async function load() {
  const where = filter();
  const filtered = Object.keys(where).length > 0;
  loads += 1;
  const asked = loads;
  const found = filtered ? await store.find(where) : await store.page();
  if (asked !== loads) return;
  list.show(found.items);
  next = found.next ?? null;
  part('more').hidden = next === null;
  part('empty').hidden = found.items.length > 0;
  part('empty').textContent = filtered ? 'No article is like that.' : 'Nothing here yet. Add your first article above.';
  offerCategories(found.items);
  tell(found.cut ? `The newest ${found.items.length} of them` : '');
  await showUsage();
}

async function changedElsewhere(id) {
  const item = await store.get(id);
  const fits = item && Object.entries(filter()).every(([field, value]) => item[field] === value);
  if (fits) list.update(item);
  else list.remove(id);
  part('empty').hidden = list.count() > 0;
  await showUsage();
}

async function showMore() {
  const page = await store.page(next);
  list.append(page.items);
  next = page.next;
  part('more').hidden = next === null;
  offerCategories(page.items);
  tell(`${list.count()} articles shown`);
}

function edit(item) {
  edited = item;
  part('editor-title').textContent = item ? `Change ${item.name}` : 'New article';
  part('save').textContent = item ? 'Save' : 'Add';
  part('cancel').hidden = item === null;
  part('name').value = item?.name ?? '';
  part('category').value = item?.category ?? part('category').value;
  part('quantity').value = item?.quantity ?? 1;
  part('minimum').value = item?.minimum ?? 0;
  part('name').focus();
}

async function save() {
  const item = {
    name: part('name').value.trim(),
    category: part('category').value.trim() || 'Other',
    quantity: wholeNumber('quantity'),
    minimum: wholeNumber('minimum'),
  };
  if (item.name === '') {
    part('name').focus();
    return tell('An article needs a name.');
  }
  try {
    if (edited) await store.replace({ ...item, id: edited.id, version: edited.version });
    else await store.add(item);
  } catch (error) {
    if (error.code !== 'HANABI-V012') throw error;
    // Somebody else was quicker. What was typed stays in the editor, and goes on top of what is there now.
    edited = await store.get(edited.id);
    await load();
    return tell(
      edited
        ? `${item.name} was changed elsewhere (${edited.quantity} there). Save again to replace that.`
        : `${item.name} was removed elsewhere. Save again to add it anew.`,
    );
  }
  edit(null);
  await load();
  tell(`${item.name} is saved.`);
}

async function step(id, by) {
  const item = await store.step(id, by);
  if (!item) return load();
  list.update(item);
  tell(`${item.name}: ${item.quantity}`);
  if (by < 0 && item.quantity === item.minimum) {
    await hanabi.notify(`${item.name} runs low: ${item.quantity} left.`, { tone: 'warning' });
  }
}

async function remove({ id, name }) {
  await store.remove(id);
  if (edited?.id === id) edit(null);
  list.remove(id);
  part('name').focus();
  part('empty').hidden = list.count() > 0;
  tell(`${name} is removed.`);
  await showUsage();
}

async function showUsage() {
  const { usage, quota } = await store.usage();
  const kib = (usage.bytes / 1024).toFixed(1);
  part('usage').textContent = `${usage.records} of ${quota.records.toLocaleString()} records, ${kib} KiB`;
}

function offerCategories(items) {
  const known = new Set([...part('categories').options].map((option) => option.value));
  for (const { category } of items) {
    if (known.has(category)) continue;
    known.add(category);
    part('categories').append(new Option(category, category));
  }
}

function wholeNumber(id) {
  const number = Math.trunc(part(id).valueAsNumber);
  return Number.isFinite(number) ? Math.min(Math.max(number, 0), 1_000_000) : 0;
}

function tell(text) {
  part('status').textContent = text;
}

function on(id, type, action) {
  part(id).addEventListener(type, () => void attempt(action));
}

async function attempt(action) {
  part('problem').hidden = true;
  try {
    await action();
  } catch (error) {
    part('problem-code').textContent = error.code ?? '';
    part('problem-message').textContent = error.message;
    part('problem').hidden = false;
  }
}

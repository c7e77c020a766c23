/**
 * Shows articles as rows of a table, with buttons that are called after their article. A row that is known changes in
 * place, so that nothing moves under the pointer and the focus stays where it is.
 */
export function createItemList(body, { onstep, onedit, onremove }) {
  /** By id: the article as it is shown, and the way to show another state of it. */
  const rows = new Map();

  function makeRow(first) {
    let item = first;
    const line = document.createElement('tr');
    const name = element('th');
    const text = element('span');
    const badge = element('span', 'badge');
    const category = element('td');
    const quantity = element('td', 'quantity');
    const count = element('output');
    const actions = element('td', 'actions');
    const buttons = {
      less: button('−', () => onstep(item.id, -1)),
      more: button('+', () => onstep(item.id, 1)),
      edit: button('Edit', () => onedit(item)),
      remove: button('Remove', () => onremove(item)),
    };
    name.scope = 'row';
    name.append(text, ' ', badge);
    quantity.append(buttons.less, count, buttons.more);
    actions.append(buttons.edit, buttons.remove);
    line.append(name, category, quantity, actions);

    function show(next) {
      // An answer may come after the news of what happened later.
      if (next.version < item.version) return;
      item = next;
      text.textContent = item.name;
      badge.textContent = item.quantity === 0 ? 'sold out' : 'low';
      badge.hidden = item.quantity > item.minimum;
      category.textContent = item.category;
      count.textContent = String(item.quantity);
      buttons.less.setAttribute('aria-label', `One ${item.name} less`);
      buttons.more.setAttribute('aria-label', `One ${item.name} more`);
      buttons.edit.setAttribute('aria-label', `Edit ${item.name}`);
      buttons.remove.setAttribute('aria-label', `Remove ${item.name}`);
    }

    show(first);
    return { line, show };
  }

  function rowOf(item) {
    let row = rows.get(item.id);
    if (row) row.show(item);
    else {
      row = makeRow(item);
      rows.set(item.id, row);
    }
    return row.line;
  }

  return {
    show(items) {
      rows.clear();
      body.replaceChildren(...items.map(rowOf));
    },
    /** Behind those that are shown; who is among them already stays there. */
    append(items) {
      for (const item of items) {
        const line = rowOf(item);
        if (!line.isConnected) body.append(line);
      }
    },
    /** In its place, or where it is new at the top. */
    update(item) {
      const line = rowOf(item);
      if (!line.isConnected) body.prepend(line);
    },
    remove(id) {
      rows.get(id)?.line.remove();
      rows.delete(id);
    },
    count: () => rows.size,
  };
}

function element(tag, className = '') {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function button(text, onclick) {
  const made = element('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', onclick);
  return made;
}

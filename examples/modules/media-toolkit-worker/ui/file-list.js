/** The pictures that can be converted, each with a checkbox. */

/**
 * @param {HTMLElement} list an empty <ul>
 * @param {() => void} onChange called whenever a file comes or a box is ticked
 */
export function createFileList(list, onChange) {
  /** @type {Map<string, HTMLInputElement>} the boxes, by file id */
  const boxes = new Map();

  function add(file, checked) {
    const known = boxes.get(file.id);
    if (known) {
      known.checked ||= checked;
      return onChange();
    }
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = checked;
    box.addEventListener('change', onChange);
    boxes.set(file.id, box);

    const label = document.createElement('label');
    label.append(box, textOf('name', file.name), textOf('size', readableSize(file.size_bytes)));
    const item = document.createElement('li');
    item.append(label);
    list.append(item);
    onChange();
  }

  return {
    add,
    count: () => boxes.size,
    selectedIds: () => [...boxes].filter(([, box]) => box.checked).map(([id]) => id),
  };
}

function textOf(className, text) {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}

function readableSize(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${Math.round(kib)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** Small tools of the attempts. */

/** Puts an element into the page. */
export function put(tag: string, attributes: Record<string, string> = {}, text = ''): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  document.body.append(element);
  return element;
}

/** Puts markup into the page; scripts in it do not run. */
export function putMarkup(markup: string): void {
  const holder = document.createElement('div');
  holder.innerHTML = markup;
  document.body.append(holder);
}

export function blobUrl(text: string, type: string): string {
  return URL.createObjectURL(new Blob([text], { type }));
}

export function click(tag: string, attributes: Record<string, string>): void {
  put(tag, attributes, 'here').click();
}

export function submit(attributes: Record<string, string>): void {
  (put('form', attributes) as HTMLFormElement).submit();
}

/** Runs a script in a worker of a blob's address. */
export function inWorker(script: string): Worker {
  return new Worker(blobUrl(script, 'text/javascript'));
}

/** Runs a script in a page within the page. */
export function inFrame(script: string): void {
  put('iframe', { src: blobUrl(`<body><script>${script}</script>`, 'text/html') });
}

/** Ways to lead the page, or the desktop around it, to another place. What is asked for there would carry words out. */
import type { Attempt } from './channels.ts';
import { blobUrl, click, put, submit } from './elements.ts';

const refreshTo = (to: string) => `<meta http-equiv="refresh" content="0;url=${to}">`;

export const MOVES: Record<string, Attempt> = {
  'location.href': (to) => {
    location.href = to;
  },
  'location.replace': (to) => location.replace(to),
  'window.open into itself': (to) => window.open(to, '_self'),
  'a link': (to) => click('a', { href: to }),
  'a link that downloads': (to) => click('a', { href: to, download: 'x.txt' }),
  'a link of a drawing': (to) => {
    const link = document.createElementNS('http://www.w3.org/2000/svg', 'a');
    link.setAttribute('href', to);
    document.body.append(link);
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
  },
  'a form': (to) => submit({ action: to }),
  'a form that posts': (to) => submit({ action: to, method: 'post' }),
  'a refresh': (to) => document.head.insertAdjacentHTML('beforeend', refreshTo(to)),
  'a refresh of a page of its own': (to) => {
    location.href = blobUrl(refreshTo(to), 'text/html');
  },
  'a page in its address': (to) => {
    // Refused by browsers at the top; in a frame a data: page may load.
    location.href = `data:text/html,${refreshTo(to)}`;
    location.replace(to);
  },
  'a script’s address': (to) => {
    location.href = `javascript:'${refreshTo(to)}'`;
  },
  'a page written anew': (to) => {
    document.open();
    document.write(refreshTo(to));
    document.close();
  },
  'the navigation interface': (to) => {
    (globalThis as unknown as { navigation: { navigate(to: string): unknown } }).navigation.navigate(to);
  },
  'top.location': (to) => {
    top!.location.href = to;
  },
  'parent.location': (to) => {
    parent.location.replace(to);
  },
  'a link to the top': (to) => click('a', { href: to, target: '_top' }),
  'a form to the top': (to) => submit({ action: to, target: '_top' }),
  'window.open to the top': (to) => window.open(to, '_top'),
  'window.open to the parent': (to) => window.open(to, '_parent'),
  'a base that leads to the top': (to) => {
    document.head.insertAdjacentHTML('beforeend', `<base href="${to}" target="_top">`);
    click('a', { href: to });
  },
  'the top from a page within the page': (to) => {
    const src = blobUrl(`<body><script>top.location.href = ${JSON.stringify(to)}</script>`, 'text/html');
    put('iframe', { src });
  },
};

/**
 * What a page could lay its hands on in its browser: of the desktop around it, of its siblings, of the person's machine.
 * Each throws where the browser refuses, and returns where it got something.
 */
import { put } from './elements.ts';

type Reach = () => unknown;

const sibling = () =>
  [...Array(parent.frames.length).keys()].map((at) => parent.frames[at]!).find((one) => one !== self)!;
const element = () => document.documentElement;

/** Throws for what a refusal looks like where it is no exception. */
function got<T>(value: T): T {
  if (value === null || value === undefined || value === false || value === '') throw new Error('nothing');
  return value;
}

const event = (target: EventTarget, good: string, bad: string) =>
  new Promise((resolve, reject) => {
    target.addEventListener(good, resolve, { once: true });
    target.addEventListener(bad, reject, { once: true });
  });

export const REACHES: Record<string, Reach> = {
  'a cookie of the host': () => {
    document.cookie = 'planted=1';
    return got(document.cookie);
  },
  'the cookie store': () =>
    (globalThis as unknown as { cookieStore: { getAll(): Promise<unknown> } }).cookieStore.getAll(),
  localStorage: () => localStorage.length,
  sessionStorage: () => sessionStorage.length,
  'the databases of the host': () => {
    const opening = indexedDB.open('x');
    return event(opening, 'success', 'error');
  },
  'the caches of the host': () => caches.keys(),
  'the private file system of the host': () => navigator.storage.getDirectory(),
  'the locks of the host': () => navigator.locks.query(),
  'a service worker': () => navigator.serviceWorker.register('/sw.js'),
  'the document of the desktop': () => parent.document.body,
  'the address of the desktop': () => parent.location.href,
  'the document at the top': () => top!.document.title,
  'the storage of the desktop': () => parent.localStorage,
  'a function of the desktop': () => (parent as unknown as { fetch: unknown }).fetch,
  'the element of its own frame': () => got(window.frameElement),
  'the document of a sibling': () => sibling().document.body,
  'the address of a sibling': () => sibling().location.href,
  'a name put into a sibling': () => {
    (sibling() as unknown as { planted: number }).planted = 1;
  },
  'the history of the desktop': () => parent.history.length,
  // oxlint-disable-next-line typescript/no-implied-eval -- whether it can is the question
  'text as code': () => new Function('return 1')() as unknown,
  'a compiled module': () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
  'what lies on the clipboard': () => navigator.clipboard.readText(),
  'a text put onto the clipboard': () => navigator.clipboard.writeText('planted'),
  'the place of the person': () =>
    new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
  'the camera': () => navigator.mediaDevices.getUserMedia({ video: true }),
  'the microphone': () => navigator.mediaDevices.getUserMedia({ audio: true }),
  'the whole screen': () => element().requestFullscreen(),
  'the mouse pointer': async () => {
    const held = event(document, 'pointerlockchange', 'pointerlockerror');
    await element().requestPointerLock();
    return held;
  },
  'a game controller': () => navigator.getGamepads(),
  'a notification of the browser': async () => {
    if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
    return new Notification('x');
  },
  'another domain': () => {
    document.domain = '127.0.0.1';
  },
  'a popup': () => got(window.open('about:blank')),
  'a second look at the parent': () => got((put('iframe') as HTMLIFrameElement).contentWindow!.parent.parent.document),
};

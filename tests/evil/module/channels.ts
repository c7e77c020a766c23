/**
 * Every way we know in which a page makes its browser talk to somebody. Each is told whom to reach; that nobody was
 * reached, the listener says and not the page.
 */
import { blobUrl, click, inFrame, inWorker, put, putMarkup, submit } from './elements.ts';

export type Attempt = (to: string) => unknown;

const quoted = (text: string) => JSON.stringify(text);
const portOf = (to: string) => new URL(to).port;
const style = (rule: string) => put('style', {}, rule);

function connectPeer(...urls: string[]): void {
  const peer = new RTCPeerConnection({ iceServers: [{ urls, username: 'u', credential: 'c' }] });
  peer.createDataChannel('x');
  void peer.createOffer().then((offer) => peer.setLocalDescription(offer));
}

/** Those that ask for an address, and can be tried against the server of the desktop as well. */
export const CHANNELS: Record<string, Attempt> = {
  fetch: (to) => fetch(to),
  'fetch without CORS, with cookies': (to) => fetch(to, { mode: 'no-cors', credentials: 'include' }),
  'fetch that outlives the page': (to) => fetch(to, { method: 'POST', body: 'x', mode: 'no-cors', keepalive: true }),
  'fetch, later': (to) => {
    (globalThis as unknown as { fetchLater(to: string, how: object): void }).fetchLater(to, { activateAfter: 0 });
  },
  XMLHttpRequest: (to) => {
    const request = new XMLHttpRequest();
    request.open('GET', to);
    request.send();
  },
  'XMLHttpRequest that waits': (to) => {
    const request = new XMLHttpRequest();
    request.open('GET', to, false);
    request.send();
  },
  WebSocket: (to) => new WebSocket(to.replace('http', 'ws')),
  EventSource: (to) => new EventSource(to),
  beacon: (to) => navigator.sendBeacon(to, 'x'),
  'form into a frame': (to) => {
    put('iframe', { name: 'target' });
    submit({ action: to, target: 'target' });
  },
  'form into a new window': (to) => submit({ action: to, method: 'post', target: '_blank' }),
  popup: (to) => window.open(to),
  'popup without opener': (to) => window.open(to, '_blank', 'noopener'),
  'link into a new window': (to) => click('a', { href: to, target: '_blank' }),
  'ping of a link': (to) => click('a', { href: '#', ping: to }),
  image: (to) => put('img', { src: to }),
  'image of a source set': (to) => putMarkup(`<picture><source srcset="${to}"><img></picture>`),
  'image of a drawing': (to) => putMarkup(`<svg><image href="${to}" width="9" height="9"/></svg>`),
  'filter of a drawing': (to) =>
    putMarkup(
      `<svg width="9" height="9"><filter id="f"><feImage href="${to}"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>`,
    ),
  'background of a style': (to) => put('div', { style: `width:9px;height:9px;background:url(${quoted(to)})` }),
  'content of a style': (to) => style(`body::after { content: url(${quoted(to)}) }`),
  'cursor of a style': (to) => style(`html, body { cursor: url(${quoted(to)}), auto }`),
  'import of a style': (to) => style(`@import ${quoted(to)};`),
  'style sheet': (to) => put('link', { rel: 'stylesheet', href: to }),
  'style sheet within a shadow': (to) => {
    put('div').attachShadow({ mode: 'open' }).innerHTML = `<link rel="stylesheet" href="${to}">`;
  },
  font: (to) => {
    style(`@font-face { font-family: taken; src: url(${quoted(to)}) }`);
    put('p', { style: 'font-family: taken' }, 'x');
  },
  'font of a script': (to) => new FontFace('taken', `url(${quoted(to)})`).load(),
  script: (to) => put('script', { src: to }),
  'script module': (to) => put('script', { type: 'module' }, `import ${quoted(to)};`),
  'import()': (to) => import(to),
  'script of a drawing': (to) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const script = document.createElementNS('http://www.w3.org/2000/svg', 'script');
    script.setAttribute('href', to);
    svg.append(script);
    document.body.append(svg);
  },
  frame: (to) => put('iframe', { src: to }),
  object: (to) => put('object', { data: to }),
  embed: (to) => put('embed', { src: to }),
  film: (to) => put('video', { src: to }),
  'poster of a film': (to) => put('video', { poster: to }),
  sound: (to) => new Audio(to).load(),
  'subtitles of a film': (to) => {
    const track = put('track', { src: to, default: '' }) as HTMLTrackElement;
    put('video', { crossorigin: '' }).append(track);
    track.track.mode = 'showing';
  },
  preload: (to) => put('link', { rel: 'preload', as: 'image', href: to }),
  'preload of a module': (to) => put('link', { rel: 'modulepreload', href: to }),
  prefetch: (to) => put('link', { rel: 'prefetch', href: to }),
  'fetch of a worker': (to) => inWorker(`fetch(${quoted(to)}, { mode: 'no-cors' })`),
  'script of a worker': (to) => inWorker(`importScripts(${quoted(to)})`),
  'WebSocket of a worker': (to) => inWorker(`new WebSocket(${quoted(to.replace('http', 'ws'))})`),
  'worker within a worker': (to) =>
    inWorker(`new Worker(URL.createObjectURL(new Blob(['fetch(' + ${quoted(quoted(to))} + ', {mode:"no-cors"})'])))`),
  'module of a worklet': (to) => new OfflineAudioContext(1, 1, 44_100).audioWorklet.addModule(to),
  'image of a page within the page': (to) => inFrame(`new Image().src = ${quoted(to)}`),
  'fetch of a page within the page': (to) => inFrame(`fetch(${quoted(to)}, { mode: 'no-cors' })`),
  'image of a page in an attribute': (to) => put('iframe', { srcdoc: `<img src="${to}">` }),
  'image of a page in its address': (to) => put('iframe', { src: `data:text/html,<img src="${to}">` }),
  'image of a page of a script’s address': (to) => put('iframe', { src: `javascript:'<img src="${to}">'` }),
  'place of a page within the page': (to) => inFrame(`location.href = ${quoted(to)}`),
  'refresh of a page within the page': (to) =>
    put('iframe', { src: blobUrl(`<meta http-equiv="refresh" content="0;url=${to}">`, 'text/html') }),
  'image of an empty page': (to) => {
    const inner = put('iframe') as HTMLIFrameElement;
    inner.contentDocument!.body.innerHTML = `<img src="${to}">`;
  },
};

/** Those for which a browser knows no other origin: what they would reach is the server of the desktop. */
export const OF_ONE_ORIGIN: Record<string, Attempt> = {
  'worker of an address': (to) => new Worker(to),
  'shared worker of an address': (to) => new SharedWorker(to),
  'service worker': (to) => navigator.serviceWorker.register(to),
  'use of another drawing': (to) => putMarkup(`<svg><use href="${to}#x"/></svg>`),
};

/** Those that reach a machine without asking it for anything. */
export const CONNECTIONS: Record<string, Attempt> = {
  preconnect: (to) => put('link', { rel: 'preconnect', href: to }),
  'STUN of WebRTC': (to) => connectPeer(`stun:127.0.0.1:${portOf(to)}`),
  'TURN of WebRTC': (to) => connectPeer(`turn:127.0.0.1:${portOf(to)}?transport=udp`),
  'TURN of WebRTC over TCP': (to) => connectPeer(`turn:127.0.0.1:${portOf(to)}?transport=tcp`),
  'candidate of WebRTC': async (to) => {
    const [peer, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
    peer.createDataChannel('x');
    await peer.setLocalDescription(await peer.createOffer());
    await other.setRemoteDescription(peer.localDescription!);
    await other.setLocalDescription(await other.createAnswer());
    await peer.setRemoteDescription(other.localDescription!);
    const candidate = `candidate:1 1 udp 2130706431 127.0.0.1 ${portOf(to)} typ host`;
    await peer.addIceCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 });
  },
  'connection ahead of time': (to) => put('link', { rel: 'preconnect', href: to, crossorigin: '' }),
  WebTransport: (to) => new WebTransport(to.replace('http:', 'https:')),
};

/** Those that need no more than a name, which is words that go to whoever answers for it. */
export const NAMES: Record<string, Attempt> = {
  'name looked up ahead': (to) => put('link', { rel: 'dns-prefetch', href: to }),
  'name connected to ahead': CONNECTIONS['preconnect']!,
  'name in WebRTC': (to) => connectPeer(`stun:${new URL(to).hostname}:3478`),
  'name in a picture': CHANNELS['image']!,
  'name in a fetch': CHANNELS['fetch']!,
};

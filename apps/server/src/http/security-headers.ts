/** The headers that hold the walls. The reasons stand in ARCHITECTURE.md and SECURITY.md; never `'self'` for a module. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HanabiError, type Manifest, type Rights, holds } from '@hanabi/protocol';

const HOST = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The host that the browser asked for. Any name will do, so that a bare address works, but it goes into policies and
 * must not bring a separator with it.
 */
export function requestHost(request: FastifyRequest): string {
  const host = request.headers.host ?? '';
  if (!HOST.test(host)) throw new HanabiError('HANABI-V008', 'the Host header is not a host');
  return host.toLowerCase();
}

/**
 * Refuses hosts that the operator did not name, where any were named: a page elsewhere whose name was made to lead here
 * would be of one origin with the desktop. Modules' own hosts are always named.
 */
export function requireAllowedHost(host: string, allowed: readonly string[] | undefined): void {
  const name = host.replace(/:\d+$/, '');
  if (!allowed || allowed.includes(host) || allowed.includes(name)) return;
  throw new HanabiError('HANABI-V008', 'this server is not asked for under that host');
}

/** Scheme and host as the browser sees them; a proxy in front that speaks TLS says so. */
export function requestOrigin(request: FastifyRequest): string {
  const forwarded = request.headers['x-forwarded-proto'];
  return `${forwarded === 'https' ? 'https' : 'http'}://${requestHost(request)}`;
}

export function moduleOriginOf(configured: string, moduleId: string): string {
  return configured.replace('{id}', moduleId);
}

export function shellHeaders(request: FastifyRequest, moduleOrigin: string | undefined): Record<string, string> {
  const frames = moduleOrigin ? moduleOrigin.replace('{id}', '*') : requestOrigin(request);
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    `frame-src ${frames}/runtime/modules/`,
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  };
}

const CLOSED_FEATURES = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'xr-spatial-tracking',
];
const PERMISSIONS_POLICY = permissionsPolicy(new Set());

/** What a permission opens of the browser, in the policy of the page and in `allow` of its frame. Each opens nothing else. */
const OPENED_BY = { 'client.fullscreen': 'fullscreen', 'client.gamepad': 'gamepad' } as const;

/** Features of the browser that are open to a module. */
function openFeatures(rights: Rights): Set<string> {
  const permissions = Object.keys(OPENED_BY) as (keyof typeof OPENED_BY)[];
  return new Set(permissions.filter((name) => holds(name, rights)).map((name) => OPENED_BY[name]));
}

/** An origin that belongs to nobody cannot be named, so an open feature is open to any; the page has no frames of others. */
function permissionsPolicy(open: ReadonlySet<string>): string {
  return CLOSED_FEATURES.map((feature) => `${feature}=${open.has(feature) ? '*' : '()'}`).join(', ');
}

/** For the `allow` attribute of the frame, without which the policy of the page opens nothing. */
export function frameAllow(rights: Rights): string {
  return [...openFeatures(rights)].map((feature) => `${feature} *`).join('; ');
}

/** For the `sandbox` attribute of the frame; the answers of the page say the same once more. */
export function frameSandbox(rights: Rights): string {
  const tokens = ['allow-scripts', 'allow-downloads'];
  if (holds('client.pointerlock', rights)) tokens.push('allow-pointer-lock');
  return tokens.join(' ');
}

/** For each answer below /runtime/modules/, errors included: opened as a tab it would otherwise run as the desktop. */
export const RUNTIME_HEADERS: Record<string, string> = {
  'content-security-policy': "sandbox allow-scripts allow-downloads; default-src 'none'",
  'permissions-policy': PERMISSIONS_POLICY,
  'x-dns-prefetch-control': 'off',
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
  'cache-control': 'no-store',
};

/** Where the addresses of OPEN_MEDIA lie, on the origin that serves modules. */
export const MEDIA_PATH = '/runtime/media/';

/** The policy of a module's own answers. `base` is the full address of its folder of assets, ticket included. */
export function moduleHeaders(base: string, manifest: Manifest, rights: Rights): Record<string, string> {
  const origins = holds('network.fetch', rights) ? manifest.dependencies.services : [];
  const media = `${new URL(base).origin}${MEDIA_PATH}`;
  const wasm = holds('client.wasm', rights) ? " 'wasm-unsafe-eval'" : '';
  const policy = [
    `sandbox ${frameSandbox(rights)}`,
    "default-src 'none'",
    `script-src ${base} 'unsafe-inline' blob:${wasm}`,
    `style-src ${base} 'unsafe-inline'`,
    `img-src ${base} ${media} data: blob:`,
    `media-src ${base} ${media} data: blob:`,
    `font-src ${base} data:`,
    ['connect-src', base, media, ...origins].join(' '),
    'frame-src blob:',
    'worker-src blob:',
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const allowed = [`${base}*`, `${media}*`, ...origins.map((origin) => `${origin}/*`)].map((pattern) => `"${pattern}"`);
  return {
    ...RUNTIME_HEADERS,
    'permissions-policy': permissionsPolicy(openFeatures(rights)),
    'content-security-policy': policy.join('; '),
    // Chromium's answer to WebRTC, preconnect and DNS; other browsers ignore it.
    'connection-allowlist': `(${allowed.join(' ')})`,
  };
}

/** For a user's own file: never a document of the desktop's origin, whatever it claims to be. */
export const USER_CONTENT_HEADERS: Record<string, string> = {
  'content-security-policy': "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, no-cache',
};

/** On every answer of the server. */
export function commonHeaders(reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
}

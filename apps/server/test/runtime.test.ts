import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let moduleDirs: string;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'stranger', files: { '.secret': 'x', 'ui/.hidden': 'x' } }),
    await makeModule({ id: 'neighbour' }),
    await makeModule({
      id: 'networker',
      permissions: ['network.fetch', 'client.wasm'],
      manifest: { dependencies: { services: ['https://api.example.com'] } },
    }),
  ];
  moduleDirs = dirs.join(':');
  server = await startServer({ env: { HANABI_MODULE_DIRS: moduleDirs } });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

/** Sends a path as it is; fetch would tidy it up first. */
function rawGet(path: string, headers: Record<string, string> = {}): Promise<{ status: number; location?: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    get({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode!, location: response.headers.location! });
    }).on('error', reject);
  });
}

describe('a module’s page', () => {
  it('comes with the walls around it', async () => {
    const { document_url } = await desktop.launch('stranger');
    const { headers, status } = await fetch(server.url + document_url);
    const base = `${server.url}${document_url.replace('ui/index.html', '')}`;
    const media = `${server.url}/runtime/media/`;
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe(
      [
        'sandbox allow-scripts allow-downloads',
        "default-src 'none'",
        `script-src ${base} 'unsafe-inline' blob:`,
        `style-src ${base} 'unsafe-inline'`,
        `img-src ${base} ${media} data: blob:`,
        `media-src ${base} ${media} data: blob:`,
        `font-src ${base} data:`,
        `connect-src ${base} ${media}`,
        'frame-src blob:',
        'worker-src blob:',
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ].join('; '),
    );
    expect(headers.get('connection-allowlist')).toBe(`("${base}*" "${media}*")`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('permissions-policy')).toContain('gamepad=()');
    // Chromium complains about each name that it does not know.
    expect(headers.get('permissions-policy')).not.toMatch(/bluetooth|web-share/);
    expect(headers.get('set-cookie')).toBeNull();
  });

  it('may connect to its declared origins and run wasm only when that was granted', async () => {
    const { document_url } = await desktop.launch('networker');
    const policy = (await fetch(server.url + document_url)).headers.get('content-security-policy');
    expect(policy).toMatch(/connect-src \S+ \S+ https:\/\/api\.example\.com;/);
    expect(policy).toContain("'wasm-unsafe-eval'");
  });

  it('has a sandbox policy on errors too', async () => {
    const response = await fetch(`${server.url}/runtime/modules/stranger/app/ui/index.html`);
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-M003' });
  });
});

const errorAt = async (path: string, headers = {}) => errorOf(await fetch(server.url + path, { headers }));

describe('which modules are installed', () => {
  it('is not told to those who have no ticket', async () => {
    const { cookie } = desktop;
    for (const headers of [
      {},
      { cookie },
      { cookie, 'sec-fetch-site': 'same-origin' },
      { cookie: 'hanabi_session=x' },
    ]) {
      const installed = await errorAt('/runtime/modules/neighbour/app/ui/index.html', headers);
      expect(installed).toMatchObject({ code: 'HANABI-M003' });
      expect(await errorAt('/runtime/modules/not-there/app/ui/index.html', headers)).toEqual(installed);
    }
  });

  it('is not told to those who have a wrong one', async () => {
    const installed = await errorAt('/runtime/modules/neighbour/app/~x/ui/index.html');
    expect(installed).toMatchObject({ code: 'HANABI-M002' });
    expect(await errorAt('/runtime/modules/not-there/app/~x/ui/index.html')).toEqual(installed);
  });
});

describe('a ticket', () => {
  it('opens its own module only', async () => {
    const { document_url } = await desktop.launch('stranger');
    const elsewhere = document_url.replace('/stranger/', '/neighbour/');
    expect(await errorOf(await fetch(server.url + elsewhere))).toMatchObject({ code: 'HANABI-M002' });
  });

  it('ends with its window', async () => {
    const launch = await desktop.launch('stranger');
    await desktop.send('DELETE', `/api/launches/${launch.id}`);
    expect((await fetch(server.url + launch.document_url)).status).toBe(404);
  });

  it('cannot be guessed into anything else', async () => {
    const { document_url } = await desktop.launch('stranger');
    const base = document_url.replace('ui/index.html', '');
    const paths = [
      '../index.html',
      '..%2f..%2fhanabi.db',
      '%2e%2e/x',
      'ui/..%5cx',
      '.secret',
      'ui/.hidden',
      'ui',
      '',
      'ui/nothing.js',
    ];
    for (const path of paths) expect((await rawGet(base + path)).status, path).toBeGreaterThanOrEqual(400);
    for (const ticket of ['~', '~x/ui/index.html', '~constructor/ui/index.html', '~__proto__/ui/index.html']) {
      expect((await rawGet(`/runtime/modules/stranger/app/${ticket}`)).status, ticket).toBe(404);
    }
  });

  it('is where the plain address leads one who has the module open', async () => {
    const { document_url } = await desktop.launch('stranger');
    const plain = '/runtime/modules/stranger/app/ui/index.html';
    const asDesktop = { cookie: desktop.cookie, 'sec-fetch-site': 'same-origin' };
    expect(await rawGet(plain, asDesktop)).toEqual({ status: 302, location: document_url });
    for (const site of ['cross-site', 'same-site']) {
      expect((await rawGet(plain, { cookie: desktop.cookie, 'sec-fetch-site': site })).status).toBe(403);
    }
    expect((await rawGet(plain, { cookie: desktop.cookie })).status).toBe(403);
  });
});

describe('first-party pages', () => {
  it('are public, but not to a frame that went there by itself', async () => {
    const plain = '/runtime/modules/image-viewer/app/ui/index.html';
    expect((await rawGet(plain)).status).toBe(200);
    expect((await rawGet(plain, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});

describe('a Host header', () => {
  it('may be any name', async () => {
    for (const host of ['192.168.7.7:8080', 'desktop.local', '[::1]:8080']) {
      expect((await rawGet('/healthz', { host })).status).toBe(200);
    }
  });

  it('may not smuggle anything into a policy', async () => {
    for (const host of ["evil;script-src 'unsafe-eval'", 'a,b', 'a b', 'x"y']) {
      expect((await rawGet('/', { host })).status, host).toBe(400);
    }
  });
});

describe('the desktop’s page', () => {
  it('lets frames in only from where modules are served', async () => {
    const { headers } = await fetch(`${server.url}/`);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain(`frame-src ${server.url}/runtime/modules/;`);
    expect(policy).toContain("script-src 'self';");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  });
});

describe('the desktop’s page', () => {
  it('has one address, and no other one without its walls', async () => {
    for (const path of [
      '/index.html',
      '/%69ndex.html',
      '/./index.html',
      '//index.html',
      '/index.html.br',
      '/index.html.gz',
    ]) {
      expect((await rawGet(path)).status, path).toBe(404);
    }
    const { headers } = await fetch(`${server.url}/`);
    expect(headers.get('content-type')).toMatch(/^text\/html/);
  });
});

describe('hosts that the operator names', () => {
  it('are the only ones that are served', async () => {
    const env = {
      HANABI_ALLOWED_HOSTS: 'desktop.example, 192.0.2.1:8080',
      HANABI_MODULE_ORIGIN: 'http://{id}.modules.test',
    };
    const named = await startServer({ env });
    const statusFor = (host: string, path = '/') =>
      new Promise<number>((resolve, reject) => {
        const { hostname, port } = new URL(named.url);
        get({ hostname, port, path, headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        }).on('error', reject);
      });
    try {
      for (const host of ['desktop.example', 'DESKTOP.example:8080', '192.0.2.1:8080']) {
        expect(await statusFor(host), host).toBe(200);
      }
      for (const host of ['rebound.example', '192.0.2.1', '192.0.2.1:81', 'x.desktop.example', '127.0.0.1']) {
        expect(await statusFor(host), host).toBe(400);
      }
      expect(await statusFor('image-viewer.modules.test', '/runtime/modules/image-viewer/app/ui/index.html')).toBe(200);
      // For whoever watches over the server.
      expect(await statusFor('127.0.0.1', '/healthz')).toBe(200);
    } finally {
      await named.stop();
    }
  });
});

describe('an origin of their own for modules', () => {
  it('serves modules and nothing else, and they are served nowhere else', async () => {
    const apart = await startServer({
      env: { HANABI_MODULE_DIRS: moduleDirs, HANABI_MODULE_ORIGIN: 'http://{id}.modules.test' },
    });
    try {
      const there = await Desktop.signIn(apart.url);
      const launch = await there.launch('stranger');
      expect(launch.document_url).toMatch(/^http:\/\/stranger\.modules\.test\/runtime\/modules\/stranger\/app\/~/);
      const path = new URL(launch.document_url).pathname;
      const ask = (target: string, host?: string) =>
        new Promise<{ status: number; policy: string }>((resolve, reject) => {
          const { hostname, port } = new URL(apart.url);
          get({ hostname, port, path: target, headers: host ? { host } : {} }, (response) => {
            response.resume();
            resolve({
              status: response.statusCode!,
              policy: String(response.headers['content-security-policy']),
            });
          }).on('error', reject);
        });
      const page = await ask(path, 'stranger.modules.test');
      expect(page.status).toBe(200);
      expect(page.policy).toContain('script-src http://stranger.modules.test/runtime/modules/stranger/app/~');
      expect((await ask(path)).status).toBe(404);
      // However the address is spelt.
      for (const spelt of ['/%72untime/', '/runt%69me/']) {
        expect((await ask(path.replace('/runtime/', spelt))).status, spelt).toBe(404);
        expect((await ask(path.replace('/runtime/', spelt), 'stranger.modules.test')).status, spelt).toBe(200);
      }
      expect((await ask('/%61pi/session', 'stranger.modules.test')).status).toBe(404);
      expect((await ask('/', 'stranger.modules.test')).status).toBe(404);
      expect((await ask('/api/session', 'stranger.modules.test')).status).toBe(404);
      expect(page.policy).toContain(' http://stranger.modules.test/runtime/media/ data:');
      expect((await ask('/')).policy).toContain('frame-src http://*.modules.test/runtime/modules/');
    } finally {
      await apart.stop();
    }
  });
});

/**
 * What the desktop itself asks of its server: sign-in, modules, launches and the user's own files. Modules never see
 * these. Every request but the sign-in carries the session cookie, and every one that changes something carries the
 * CSRF token in `CSRF_HEADER`.
 */
export const CSRF_HEADER = 'x-hanabi-csrf';
/** Names the launch that a capability request is made for. */
export const LAUNCH_HEADER = 'x-hanabi-launch';

/** The payload of a capability request whose body is the bytes of a file, as JSON in URI encoding. */
export const PAYLOAD_HEADER = 'x-hanabi-payload';
/** The same for the data of an answer whose body is the bytes of a file. */
export const DATA_HEADER = 'x-hanabi-data';

export const DESKTOP_PATHS = {
  session: '/api/session',
  /** What may be done before there is a session. */
  entrance: '/api/entrance',
  account: '/api/account',
  admin: '/api/admin',
  oidc: '/api/oidc',
  grants: '/api/grants',
  modules: '/api/modules',
  launches: '/api/launches',
  capabilities: '/api/capabilities',
  folders: '/api/folders',
  files: '/api/files',
  items: '/api/items',
  trash: '/api/trash',
  search: '/api/search',
  recent: '/api/recent',
  storage: '/api/storage',
  uploads: '/api/uploads',
  zip: '/api/zip',
  associations: '/api/associations',
  preferences: '/api/preferences',
  notices: '/api/notices',
  desktop: '/api/desktop',
  moduleData: '/api/module-data',
  /** Modules that can be installed, for everybody. */
  store: '/api/store',
  /** What developers publish. */
  portal: '/api/portal',
  /** What administrators decide about. */
  review: '/api/review',
  jobs: '/api/jobs',
  schedules: '/api/schedules',
  services: '/api/services',
  connections: '/api/connections',
  workflows: '/api/workflows',
  live: '/api/live',
} as const;

/** The desktop's own tools: one row each. A tool has one window, and its page is a chunk that is fetched when it opens. */
import type { Session } from '@hanabi/protocol';
import type { Component } from 'svelte';
import { t } from '../i18n/i18n.ts';
import { PARTS } from '../settings/settings-parts.ts';
import type { ProgramIcon } from '../ui/program-icon.ts';
import type { Program } from './programs.ts';
import type { SizeRules } from './window-geometry.ts';

type Role = Session['user']['role'];

interface Tool {
  name: () => string;
  summary: () => string;
  icon: ProgramIcon;
  rules: SizeRules;
  /** Left out: everybody sees it. What others may not do, the server refuses them anyway. */
  roles?: readonly Role[];
  load: () => Promise<{ default: Component }>;
}

const rules = (default_width: number, default_height: number): SizeRules => ({
  default_width,
  default_height,
  min_width: 320,
  min_height: 280,
  resizable: true,
});

const TOOLS = {
  jobs: {
    name: () => t('programs.jobs'),
    summary: () => t('programs.jobs.summary'),
    icon: { kind: 'jobs' },
    rules: rules(860, 580),
    load: () => import('../jobs/jobs.svelte'),
  },
  services: {
    name: () => t('programs.services'),
    summary: () => t('programs.services.summary'),
    icon: { kind: 'services' },
    rules: rules(860, 600),
    load: () => import('../services/services.svelte'),
  },
  workflows: {
    name: () => t('programs.workflows'),
    summary: () => t('programs.workflows.summary'),
    icon: { kind: 'workflows' },
    rules: rules(1000, 660),
    load: () => import('../workflows/workflows.svelte'),
  },
  'module-data': {
    name: () => t('programs.moduleData'),
    summary: () => t('programs.moduleData.summary'),
    icon: { kind: 'module-data' },
    rules: rules(760, 560),
    load: () => import('../module-data/module-data.svelte'),
  },
  account: {
    name: () => t('programs.account'),
    summary: () => t('programs.account.summary'),
    icon: { kind: 'account' },
    rules: rules(680, 640),
    load: () => import('../account/account-page.svelte'),
  },
  settings: {
    name: () => t('programs.settings'),
    summary: () => t('programs.settings.summary'),
    icon: { kind: 'settings' },
    rules: rules(820, 620),
    load: () => import('../settings/settings-page.svelte'),
  },
  permissions: {
    name: () => t('programs.permissions'),
    summary: () => t('programs.permissions.summary'),
    icon: { kind: 'permissions' },
    rules: rules(720, 620),
    load: () => import('../grants/permissions-page.svelte'),
  },
  admin: {
    name: () => t('programs.admin'),
    summary: () => t('programs.admin.summary'),
    icon: { kind: 'admin' },
    rules: rules(920, 640),
    roles: ['admin'],
    load: () => import('../admin/admin-page.svelte'),
  },
  store: {
    name: () => t('programs.store'),
    summary: () => t('programs.store.summary'),
    icon: { kind: 'store' },
    rules: rules(900, 640),
    load: () => import('../store/store-page.svelte'),
  },
  portal: {
    name: () => t('programs.portal'),
    summary: () => t('programs.portal.summary'),
    icon: { kind: 'portal' },
    rules: rules(820, 640),
    roles: ['developer', 'admin'],
    load: () => import('../portal/portal-page.svelte'),
  },
  debugger: {
    name: () => t('programs.debugger'),
    summary: () => t('programs.debugger.summary'),
    icon: { kind: 'debugger' },
    rules: rules(720, 640),
    roles: ['developer', 'admin'],
    load: () => import('../debugger/debugger-page.svelte'),
  },
  playback: {
    name: () => t('programs.playback'),
    summary: () => t('programs.playback.summary'),
    icon: { kind: 'debugger' },
    rules: rules(980, 680),
    roles: ['developer', 'admin'],
    load: () => import('../playback/playback-page.svelte'),
  },
  review: {
    name: () => t('programs.review'),
    summary: () => t('programs.review.summary'),
    icon: { kind: 'review' },
    rules: rules(860, 680),
    roles: ['admin'],
    load: () => import('../review/review-page.svelte'),
  },
} as const satisfies Record<string, Tool>;

export type ToolId = keyof typeof TOOLS;

/** Whether a name from elsewhere is one of them. */
export function isTool(id: string): id is ToolId {
  return Object.hasOwn(TOOLS, id);
}

export function tool(id: ToolId): Tool {
  return TOOLS[id];
}

/** Those that a person of this role sees in the Start menu. */
export function toolPrograms(role: Role): Program[] {
  const ids = Object.keys(TOOLS) as ToolId[];
  return ids.flatMap((id) => {
    const { name, summary, icon, roles } = tool(id);
    if (roles && !roles.includes(role)) return [];
    const found = id === 'settings' ? PARTS.map((part) => ({ id: part, label: t(`settings.${part}`) })) : [];
    return [{ id, name: name(), summary: summary(), icon, tool: id, actions: [], found }];
  });
}

/** What a developer can do about a refusal: from the code, the permission that it names, and what the manifest lists. */
import { checkBehind, type Launch, type Permission, PERMISSIONS, type RecordedReply } from '@hanabi/protocol';
import { errorFix, t } from '../i18n/i18n.ts';

type RecordedError = NonNullable<RecordedReply['error']>;

export interface Advice {
  text: string;
  /** What to put into the manifest. */
  manifest?: string;
}

export function adviceOn(error: RecordedError, launch: Pick<Launch, 'declared' | 'context'>): Advice {
  const { code, permission, role } = error;
  if (permission && checkBehind(code) === 'declared') return declare(permission, launch);
  if (permission && checkBehind(code) === 'granted') return { text: grantText(permission, launch.context.id) };
  if (code === 'HANABI-F002' && permission) {
    const { manifest } = declare(permission, launch);
    return { text: t('debugger.advice.scope', { permission }), ...(manifest && { manifest }) };
  }
  if (code === 'HANABI-F003' && role) return { text: t('debugger.advice.folder', { role }) };
  return { text: errorFix(code) };
}

/** The whole list, so that it can be put in place of the one that is there. */
function declare(permission: Permission, { declared }: Pick<Launch, 'declared'>): Advice {
  const { tier } = PERMISSIONS[permission];
  const text = t('debugger.advice.declare', { permission, tier: t(`debugger.advice.tier.${tier}`) });
  return { text, manifest: `"permissions": ${JSON.stringify([...declared, permission], null, 2)}` };
}

function grantText(permission: Permission, moduleId: string): string {
  const { tier } = PERMISSIONS[permission];
  if (tier === 'consent') return t('debugger.advice.consent', { permission });
  if (tier === 'baseline') return t('debugger.advice.revoked', { permission });
  return moduleId.startsWith('draft--')
    ? t('debugger.advice.draft', { permission })
    : t('debugger.advice.admin', { permission });
}

import { signedIn } from '../api/signed-in.ts';
import type { Shell } from '../desktop/shell.svelte.ts';
import type { DesktopWindow } from '../desktop/windows.svelte.ts';
import { t } from '../i18n/i18n.ts';
import { openPopout } from './popout.ts';

/** Whether a window can be popped out: a module can, unless somebody looks at it in the debugger. */
export function canPopOut({ content, popout }: DesktopWindow): boolean {
  return content.kind === 'module' && !content.tap && !popout;
}

/** Shows the module in a browser window of its own; this one waits for it to come back. */
export function popOut(shell: Shell, window: DesktopWindow): void {
  const { content } = window;
  const user_id = signedIn.userId;
  if (content.kind !== 'module' || !user_id) return;
  const { module_id, file_id } = content.request;
  const wish = { user_id, module_id, ...(file_id && { file_id }) };
  window.popout = openPopout(wish, shell.windows.shown(window), () => (window.popout = null));
  if (window.popout) return;
  shell.notices.flash({
    source: t('app.name'),
    icon: { kind: 'shell' },
    title: t('popout.blocked'),
    message: t('popout.blocked.why'),
    tone: 'warning',
  });
}

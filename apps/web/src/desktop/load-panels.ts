/** What opens over the desktop and is not seen at first sight: each is a chunk of its own. */
export async function loadQuickSettings() {
  return (await import('./quick-settings.svelte')).default;
}

export async function loadNoticeCentre() {
  return (await import('./notice-centre.svelte')).default;
}

export async function loadKeyboardHelp() {
  return (await import('./keyboard-help.svelte')).default;
}

export async function loadConsentDialog() {
  return (await import('../grants/consent-dialog.svelte')).default;
}

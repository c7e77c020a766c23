/** The module host and its bridge are a chunk of their own: signing in and looking at files need neither. */
export async function loadModuleHost() {
  return (await import('../bridge/module-host.svelte')).default;
}

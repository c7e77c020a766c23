/** A chunk of its own, fetched when somebody looks. */
export async function loadModuleData() {
  return (await import('../module-data/module-data.svelte')).default;
}

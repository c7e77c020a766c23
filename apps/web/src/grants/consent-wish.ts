import { type ModuleSummary, PERMISSIONS } from '@hanabi/protocol';
import type { ConsentWish } from './consent.svelte.ts';

/** What a module has to ask the person, and to which they have said neither yes nor no. */
export function unanswered({ id, name, icon_data_url: iconUrl, permissions, connectors }: ModuleSummary): ConsentWish {
  const wanted = permissions
    .filter((one) => PERMISSIONS[one.name].tier === 'consent' && !one.granted && !one.refused)
    .map(({ name: permission, reason }) => ({ permission, reason }));
  return { module: { id, name, iconUrl, connectors }, wanted };
}

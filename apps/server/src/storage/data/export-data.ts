import { LIMITS } from '@hanabi/protocol';
import { now } from '../db.ts';
import type { Settings } from '../settings.ts';
import type { DataOwner } from './data-quota.ts';
import type { DataStore } from './data-store.ts';

/** All that a module keeps for a user, as one JSON text. Documents stand in it as they were stored. */
export async function* exportData(
  store: DataStore,
  settings: Settings,
  owner: DataOwner,
): AsyncGenerator<string, void, void> {
  const json = JSON.stringify;
  const kept = await settings.all(owner.user_id, owner.module_id);
  yield `{"module_id":${json(owner.module_id)},"exported_at":${json(now())},"settings":${json(kept)},"collections":{`;
  const { collections } = await store.collections(owner);
  for (const [index, { name }] of collections.entries()) {
    yield `${index > 0 ? ',' : ''}\n${json(name)}:[`;
    let between = '\n';
    let after: number | undefined;
    for (let more = true; more; ) {
      const page = await store.list(owner, name, { limit: LIMITS.data_page_documents, offset: 0, after });
      for (const { id, version, created_at, updated_at, data } of page.rows) {
        yield `${between}${json({ id, version, created_at, updated_at }).slice(0, -1)},"data":${data}}`;
        between = ',\n';
      }
      more = page.more;
      after = page.rows.at(-1)?.seq;
    }
    yield ']';
  }
  yield '}}\n';
}

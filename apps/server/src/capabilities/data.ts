import { type DataDocument, type EventPayloads, LIMITS, type Results, type ServerCapability } from '@hanabi/protocol';
import type { DataOwner } from '../storage/data/data-quota.ts';
import { dataPage, toDocument } from '../storage/data/data-page.ts';
import type { Call } from './call.ts';

const owner = ({ caller }: Call<ServerCapability>): DataOwner => ({
  user_id: caller.user.id,
  module_id: caller.module.id,
});

export async function dataCollections(
  call: Call<'HANABI_DATA_LIST_COLLECTIONS'>,
): Promise<Results['HANABI_DATA_LIST_COLLECTIONS']> {
  const { dataStore } = call.context;
  return { ...(await dataStore.collections(owner(call))), quota: dataStore.quota };
}

export async function dataList(call: Call<'HANABI_DATA_LIST'>): Promise<Results['HANABI_DATA_LIST']> {
  const { collection, limit = LIMITS.data_page_documents, offset, after } = call.payload;
  return dataPage(call.context.dataStore, owner(call), { collection, limit, offset, after });
}

export async function dataGet(call: Call<'HANABI_DATA_GET'>): Promise<DataDocument | null> {
  const { collection, id } = call.payload;
  const row = await call.context.dataStore.get(owner(call), collection, id);
  return row ? toDocument(row) : null;
}

export async function dataPut(call: Call<'HANABI_DATA_PUT'>): Promise<Results['HANABI_DATA_PUT']> {
  const { collection, ...write } = call.payload;
  const facts = await call.context.dataStore.put(owner(call), collection, write);
  tellChange(call, { collection, id: facts.id, version: facts.version });
  return facts;
}

export async function dataQuery(call: Call<'HANABI_DATA_QUERY'>): Promise<Results['HANABI_DATA_QUERY']> {
  const { collection, where = {}, limit = LIMITS.data_page_documents } = call.payload;
  const { rows, more } = await call.context.dataStore.query(owner(call), collection, where, limit);
  return { docs: rows.map(toDocument), truncated: more };
}

export async function dataDelete(call: Call<'HANABI_DATA_DELETE'>): Promise<Results['HANABI_DATA_DELETE']> {
  const { collection, id, ifVersion } = call.payload;
  const existed = await call.context.dataStore.delete(owner(call), collection, id, ifVersion);
  if (existed) tellChange(call, { collection, id, version: null });
  return { existed };
}

/** Every other window of the module hears of it, wherever its desktop is open. */
function tellChange({ context, caller }: Call<ServerCapability>, change: EventPayloads['HANABI_DATA_CHANGED']): void {
  const { user, module, launch } = caller;
  context.live.dataChanged(user.id, { ...change, module_id: module.id, by: launch.id });
}

import { type DataDocument, LIMITS, type Results, type ServerCapability } from '@hanabi/protocol';
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
  return call.context.dataStore.put(owner(call), collection, write);
}

export async function dataQuery(call: Call<'HANABI_DATA_QUERY'>): Promise<Results['HANABI_DATA_QUERY']> {
  const { collection, where = {}, limit = LIMITS.data_page_documents } = call.payload;
  const { rows, more } = await call.context.dataStore.query(owner(call), collection, where, limit);
  return { docs: rows.map(toDocument), truncated: more };
}

export async function dataDelete(call: Call<'HANABI_DATA_DELETE'>): Promise<Results['HANABI_DATA_DELETE']> {
  const { collection, id, ifVersion } = call.payload;
  return { existed: await call.context.dataStore.delete(owner(call), collection, id, ifVersion) };
}

/** The document store against its engine. */
import { measureData } from '../../apps/server/test/harness/data-rates.ts';
import { type Figure, figure } from './figures.ts';

export async function benchData(): Promise<Figure[]> {
  const { put, get, query, queryLarge } = await measureData();
  const bare = 'bare engine, prepared statements, same tables';
  return [
    figure('data.put', 'calls/s', put.ours, put.bare, `${bare}, each on the disk`),
    figure('data.get', 'calls/s', get.ours, get.bare, bare),
    figure('data.query', 'calls/s', query.ours, query.bare, `${bare}, 10 of 10³ documents`),
    figure('data.query1M', 'calls/s', queryLarge.ours, queryLarge.bare, `${bare}, 10 of 10⁶ documents`),
    figure('data.query.flat', 'calls/s', queryLarge.ours, query.ours, 'ours with 10⁶ documents ÷ ours with 10³'),
  ];
}

/** What modules keep for the user: documents and settings, as their owner sees them. */
import * as z from 'zod';
import { DataCollections } from '../capabilities/data.ts';

export const KeptData = z.object({
  modules: z.array(
    DataCollections.omit({ collections: true }).extend({
      module_id: z.string(),
      /** null: the module is not installed any more; what it kept is still there. */
      name: z.string().nullable(),
      settings: z.number().int(),
    }),
  ),
});
export type KeptData = z.infer<typeof KeptData>;

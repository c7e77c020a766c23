import type { Libraries } from '../libraries/libraries.ts';
import { askOnce } from './ask-once.ts';

/** The libraries of a supervisor. Closing them is the supervisor's affair. */
export function connectLibraries(socket_path: string): Pick<Libraries, 'prepare' | 'collect'> {
  return {
    async prepare(requirements) {
      return (await askOnce(socket_path, { kind: 'prepare-libraries', requirements }, 'layer')).layer;
    },
    async collect(needed) {
      await askOnce(socket_path, { kind: 'collect-libraries', needed }, 'collected');
    },
  };
}

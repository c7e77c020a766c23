import { once } from 'node:events';
import { connect } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import { encodeJsonFrame } from '../frames.ts';
import type { Libraries } from '../libraries/libraries.ts';
import { type Answer, type Question, readMessages } from './messages.ts';

/** The libraries of a supervisor. Closing them is the supervisor's affair. */
export function connectLibraries(socket_path: string): Pick<Libraries, 'prepare' | 'collect'> {
  async function ask(question: Question): Promise<Answer> {
    const socket = connect(socket_path);
    try {
      await once(socket, 'connect');
      socket.write(encodeJsonFrame(question));
      for await (const answer of readMessages<Answer>(socket)) {
        if (answer.kind === 'error') throw HanabiError.fromBody(answer.error);
        return answer;
      }
    } catch (cause) {
      if (cause instanceof HanabiError) throw cause;
      throw new HanabiError('HANABI-W015', 'the supervisor does not answer', { cause });
    } finally {
      socket.destroy();
    }
    throw new HanabiError('HANABI-W015', 'the supervisor went away');
  }
  return {
    async prepare(requirements) {
      const answer = await ask({ kind: 'prepare-libraries', requirements });
      if (answer.kind !== 'layer') throw new HanabiError('HANABI-W015', 'the supervisor answered something else');
      return answer.layer;
    },
    async collect(needed) {
      await ask({ kind: 'collect-libraries', needed });
    },
  };
}

import { once } from 'node:events';
import { connect } from 'node:net';
import { HanabiError } from '@hanabi/protocol';
import { encodeJsonFrame } from '../frames.ts';
import { type Answer, type Question, readMessages } from './messages.ts';

type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;

/** One question to the supervisor that has one answer, of this kind. The signal, which takes it back, ends with HANABI-W016. */
export async function askOnce<Kind extends Answer['kind']>(
  socket_path: string,
  question: Question,
  kind: Kind,
  signal?: AbortSignal,
): Promise<AnswerOf<Kind>> {
  if (signal?.aborted) throw new HanabiError('HANABI-W016');
  const socket = connect(socket_path);
  const cancel = () => void socket.destroy(new HanabiError('HANABI-W016'));
  signal?.addEventListener('abort', cancel);
  try {
    await once(socket, 'connect');
    socket.write(encodeJsonFrame(question));
    for await (const answer of readMessages<Answer>(socket)) {
      if (answer.kind === 'error') throw HanabiError.fromBody(answer.error);
      if (answer.kind === kind) return answer as AnswerOf<Kind>;
      throw new HanabiError('HANABI-W015', 'the supervisor answered something else');
    }
  } catch (cause) {
    if (cause instanceof HanabiError) throw cause;
    throw new HanabiError('HANABI-W015', 'the supervisor does not answer', { cause });
  } finally {
    signal?.removeEventListener('abort', cancel);
    socket.destroy();
  }
  throw new HanabiError('HANABI-W015', 'the supervisor went away');
}

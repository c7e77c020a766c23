import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type CancelReason, HanabiError } from '@hanabi/protocol';
import { encodeJsonFrame } from '../frames.ts';
import type { JobEvent, JobResult, JobSpec, Sandbox, SandboxStatus } from '../sandbox.ts';
import type { ServiceSession, ServiceSpec } from '../service/service.ts';
import { connectService } from './connect-service.ts';
import { type Answer, type Question, readMessages } from './messages.ts';

/** The sandbox of a supervisor. Each question opens a connection, so a restarted supervisor is simply found again. */
export function connectSandbox(socket_path: string): Sandbox {
  const open = new Set<Socket>();

  async function ask(question: Question): Promise<Socket> {
    const socket = connect(socket_path);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    try {
      await once(socket, 'connect');
    } catch (cause) {
      throw new HanabiError('HANABI-W015', 'the supervisor does not answer', { cause });
    }
    socket.on('error', () => {}); // the reader of the answers meets it
    socket.write(encodeJsonFrame(question));
    return socket;
  }

  async function status(): Promise<SandboxStatus> {
    const socket = await ask({ kind: 'status' });
    for await (const answer of readMessages<Answer>(socket)) {
      if (answer.kind === 'status') return answer.status;
    }
    throw new HanabiError('HANABI-W015', 'the supervisor went away');
  }

  async function* runJob(
    spec: JobSpec,
    signal: AbortSignal,
    wish?: AbortSignal,
  ): AsyncGenerator<JobEvent, JobResult, void> {
    if (signal.aborted) throw new HanabiError('HANABI-W016', undefined, { jobId: spec.id });
    const socket = await ask({ kind: 'run', spec });
    // Half of the connection ends; the other half says when the job is dead.
    const cancel = () => socket.end();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    const passOn = () => {
      if (socket.writable) socket.write(encodeJsonFrame({ kind: 'cancel', reason: wish?.reason as CancelReason }));
    };
    wish?.addEventListener('abort', passOn);
    if (wish?.aborted) passOn();
    try {
      for await (const answer of untilLost(readMessages<Answer>(socket))) {
        if (answer.kind === 'event') {
          yield answer.event;
          if (answer.event.kind === 'admitted' && socket.writable) socket.write(encodeJsonFrame({ kind: 'go' }));
        }
        if (answer.kind === 'result') return answer.result;
        if (answer.kind === 'error') throw HanabiError.fromBody(answer.error);
      }
      throw new HanabiError('HANABI-W015', 'the supervisor went away while the job ran', { jobId: spec.id });
    } finally {
      signal.removeEventListener('abort', cancel);
      wish?.removeEventListener('abort', passOn);
      socket.destroy();
    }
  }

  async function openService(spec: ServiceSpec, signal: AbortSignal): Promise<ServiceSession> {
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    return connectService(await ask({ kind: 'service', spec }), signal);
  }

  return {
    status,
    runJob,
    openService,
    async close() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** A connection that breaks ends the answers, as one that was closed does. */
async function* untilLost(answers: AsyncGenerator<Answer, void, void>): AsyncGenerator<Answer, void, void> {
  try {
    yield* answers;
  } catch {
    return;
  }
}

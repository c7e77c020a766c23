import type { WorkflowCheckLine } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toHanabiError } from './errors.ts';
import { sendLines } from './send-lines.ts';

type Check = AsyncGenerator<WorkflowCheckLine, void, void>;

/**
 * Answers with verdicts as they come. What fails before the first of them has the status of its error. `signal`: aborted
 * when the one who asked has gone.
 */
export async function sendCheck(
  request: FastifyRequest,
  reply: FastifyReply,
  check: Check,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const first = await check.next();
  // Lines that nobody has begun to read end nothing, and the check would keep its turn.
  if (signal.aborted) await check.return();
  else signal.addEventListener('abort', () => void check.return().catch(() => {})); // whoever reads is told what failed
  async function* lines(): Check {
    try {
      if (!first.done) yield first.value;
      yield* check;
    } catch (error) {
      yield { kind: 'failed', error: toHanabiError(error, request).toBody() };
    } finally {
      await check.return();
    }
  }
  return sendLines(reply, lines());
}

import type { WorkflowCheckLine } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toHanabiError } from './errors.ts';
import { sendLines } from './send-lines.ts';

type Check = AsyncGenerator<WorkflowCheckLine, void, void>;

/** Answers with verdicts as they come. What fails before the first of them has the status of its error. */
export async function sendCheck(request: FastifyRequest, reply: FastifyReply, check: Check): Promise<FastifyReply> {
  const first = await check.next();
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

/** Chat completions as OpenAI defined them. */
import { type Connector, type ConnectorAnswer, Refusal, retryAfter_s, type Session, unreadable } from '../connector.ts';

export const llm: Connector<'llm'> = {
  calls: {
    async chat({ messages, model, temperature, max_tokens }, session) {
      const chosen = model ?? session.fields.model;
      if (chosen === '') throw new Refusal('no model was given, and the connection has none');
      const body = {
        model: chosen,
        messages,
        ...(temperature === null ? {} : { temperature }),
        ...(max_tokens === null ? {} : { max_tokens }),
      };
      const answer = await session.send({
        method: 'POST',
        path: '/chat/completions',
        headers: headersOf(session),
        body: JSON.stringify(body),
      });
      const json = successOf(answer) as Completion;
      const content = json.choices?.[0]?.message?.content;
      if (typeof content !== 'string') throw unreadable(answer);
      return { content, model: json.model ?? chosen, usage: json.usage ?? {} };
    },
  },

  async test(session) {
    const answer = await session.send({ method: 'GET', path: '/models', headers: headersOf(session) });
    const { data } = successOf(answer) as { data?: unknown };
    return Array.isArray(data) ? `${data.length} ${data.length === 1 ? 'model' : 'models'}` : '';
  },
};

interface Completion {
  model?: string;
  choices?: { message?: { content?: unknown } }[];
  usage?: Record<string, unknown>;
}

function headersOf({ fields }: Session<'llm'>): Record<string, string> {
  return fields.api_key === '' ? {} : { authorization: `Bearer ${fields.api_key}` };
}

function successOf(answer: ConnectorAnswer): Record<string, unknown> {
  const { status, headers, json } = answer;
  if (status >= 200 && status < 300 && json) return json;
  const { error } = (json ?? {}) as { error?: string | { message?: unknown } };
  const message = typeof error === 'object' ? error?.message : error;
  if (typeof message !== 'string') throw unreadable(answer);
  throw new Refusal(message, { retry_after_s: status === 429 ? retryAfter_s(headers) : undefined });
}

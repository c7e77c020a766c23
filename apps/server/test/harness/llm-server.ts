/** Chat completions as OpenAI defined them; it says back what it was told. */
import { sendJson, type WireServer, wireServer } from './wire-server.ts';

export const LLM_KEY = 'sk-keykeykeykeykeykeykeykey-Wxyz';

export function llmServer(): Promise<WireServer> {
  return wireServer(({ method, target, headers, body }, response) => {
    if (headers.authorization !== `Bearer ${LLM_KEY}`) {
      const message = `Incorrect API key provided: ${headers.authorization?.slice('Bearer '.length)}.`;
      return sendJson(response, 401, { error: { message, type: 'invalid_request_error' } });
    }
    if (method === 'GET' && target === '/v1/models')
      return sendJson(response, 200, { object: 'list', data: [{ id: 'small' }] });
    if (target !== '/v1/chat/completions') return sendJson(response, 404, { error: { message: 'Not found' } });
    const { model, messages } = JSON.parse(body) as { model: string; messages: { content: string }[] };
    const content = `echo: ${messages.at(-1)?.content}`;
    return sendJson(response, 200, {
      id: 'c-1',
      model,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    });
  });
}

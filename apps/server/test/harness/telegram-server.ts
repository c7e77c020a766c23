/** The Bot API of Telegram, for one bot. */
import { sendJson, type WireServer, wireServer } from './wire-server.ts';

export const TELEGRAM_TOKEN = '123456789:AAtokentokentokentokentokentoken_9-Zq';

export interface TelegramServer extends WireServer {
  messages: Record<string, unknown>[];
}

export async function telegramServer(): Promise<TelegramServer> {
  const messages: Record<string, unknown>[] = [];
  const wire = await wireServer(({ target, body }, response) => {
    const [, bot = '', method = ''] = target.split('/');
    if (bot !== `bot${TELEGRAM_TOKEN}`) {
      return sendJson(response, 401, { ok: false, error_code: 401, description: 'Unauthorized' });
    }
    const params = JSON.parse(body) as Record<string, unknown>;
    if (method === 'getMe') return sendJson(response, 200, { ok: true, result: { id: 1, username: 'lantern_bot' } });
    if (method === 'getUpdates') return sendJson(response, 200, { ok: true, result: [] });
    if (method !== 'sendMessage')
      return sendJson(response, 404, { ok: false, error_code: 404, description: 'Not Found' });
    if (params['chat_id'] === '-1') {
      return sendJson(response, 400, { ok: false, error_code: 400, description: 'Bad Request: chat not found' });
    }
    messages.push(params);
    return sendJson(response, 200, { ok: true, result: { message_id: messages.length } });
  });
  return Object.assign(wire, { messages });
}

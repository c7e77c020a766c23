/** The Bot API of Telegram: JSON posted to a path that holds the token; `ok` says what came of it. */
import { type Connector, Refusal, type Session, unreadable } from '../connector.ts';

type TelegramSession = Session<'telegram'>;

export const telegram: Connector<'telegram'> = {
  calls: {
    send_message: ({ text, chat_id, parse_mode, silent }, session) => {
      const chat = chat_id ?? session.fields.chat_id;
      if (chat === '') throw new Refusal('no chat_id was given, and the connection has none');
      const params = { chat_id: chat, text, disable_notification: silent };
      return ask(session, 'sendMessage', parse_mode === null ? params : { ...params, parse_mode });
    },
    // At once: waiting for messages would hold up the tick.
    get_updates: ({ offset, limit }, session) =>
      ask(session, 'getUpdates', { limit, timeout: 0, ...(offset === null ? {} : { offset }) }),
  },

  async test(session) {
    const { result } = await ask(session, 'getMe', {});
    const { username } = (result ?? {}) as { username?: unknown };
    return typeof username === 'string' ? `@${username}` : '';
  },
};

async function ask(session: TelegramSession, method: string, params: object): Promise<Record<string, unknown>> {
  const path = `/bot${session.fields.token}/${method}`;
  const answer = await session.send({ method: 'POST', path, body: JSON.stringify(params) });
  const { ok, description, parameters } = answer.json ?? {};
  if (ok === true) return answer.json!;
  if (typeof description !== 'string') throw unreadable(answer);
  const { retry_after } = (parameters ?? {}) as { retry_after?: unknown };
  throw new Refusal(description, { retry_after_s: typeof retry_after === 'number' ? retry_after : undefined });
}

/** The floor of `http.capability`: one route with a schema and nothing else. Prints its address. */
import Fastify from 'fastify';

const app = Fastify();
const body = {
  type: 'object',
  required: ['key'],
  properties: { key: { type: 'string', maxLength: 128 } },
  additionalProperties: false,
};
app.post('/setting', { schema: { body } }, async () => ({ ok: true, data: { key: 'k', value: null } }));
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));

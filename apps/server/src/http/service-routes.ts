/** Services as their user sees and handles them, of all modules. */
import {
  DESKTOP_PATHS,
  HanabiError,
  LIMITS,
  SERVICE_ACTIONS,
  type ServiceAction,
  type ServiceLog,
  type ServiceMonitor,
  type ServiceState,
  type ServiceStatus,
  SetServiceState,
  type UserServices,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { type QueryFields, queryText } from './query.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkState = compile(SetServiceState, 'HANABI-V008');

type ByModule = { Params: { module: string }; Querystring: QueryFields<'after'> };
type Act = { Params: { module: string; action: string } };

export function serviceRoutes(app: FastifyInstance, context: Context): void {
  const { services: path } = DESKTOP_PATHS;
  const { services } = context;
  const guard = { onRequest: requireSession(context) };

  app.get(path, guard, async ({ session }): Promise<UserServices> => {
    const all = await services.list(session.user.id);
    return {
      services: all.map(({ module, status }) => ({ module_id: module.id, module_name: module.manifest.name, status })),
    };
  });

  app.get<ByModule>(`${path}/:module`, guard, (request): Promise<ServiceStatus> => services.status(ownerOf(request)));

  app.post<Act>(`${path}/:module/:action`, guard, async (request): Promise<ServiceStatus> => {
    const owner = ownerOf(request);
    const { action } = request.params;
    if (!isAction(action))
      throw new HanabiError('HANABI-V008', `"${action}" is not one of ${SERVICE_ACTIONS.join(', ')}`);
    if (action === 'stop') return services.switchOff(owner);
    if (action === 'tick') return services.tick(owner);
    return services.switchOn(owner, action === 'restart');
  });

  app.get<ByModule>(`${path}/:module/log`, guard, async (request): Promise<ServiceLog> => {
    const after = queryText(request.query, 'after') ?? '0';
    if (!/^[0-9]{1,15}$/.test(after)) throw new HanabiError('HANABI-V008', '"after"');
    return services.log(ownerOf(request), Number(after), LIMITS.service_log_kept_max);
  });

  app.get<ByModule>(`${path}/:module/state`, guard, async (request): Promise<ServiceState> => {
    return { state: await services.state(ownerOf(request)) };
  });

  app.put<ByModule>(`${path}/:module/state`, guard, async (request, reply) => {
    const { key, value } = checkState(request.body);
    await services.setState(ownerOf(request), key, value);
    return reply.code(204).send();
  });

  app.get<ByModule>(`${path}/:module/monitor`, guard, (request): Promise<ServiceMonitor> => {
    return services.monitor(ownerOf(request));
  });
}

function ownerOf({ session, params }: Pick<FastifyRequest<{ Params: { module: string } }>, 'session' | 'params'>) {
  return { user_id: session.user.id, module_id: params.module };
}

function isAction(action: string): action is ServiceAction {
  return (SERVICE_ACTIONS as readonly string[]).includes(action);
}

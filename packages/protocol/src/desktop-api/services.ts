/** The services of all modules, as their user sees and handles them in the Services window. */
import * as z from 'zod';
import { ServiceStatus } from '../capabilities/services.ts';

export const UserService = z.object({ module_id: z.string(), module_name: z.string(), status: ServiceStatus });
export type UserService = z.infer<typeof UserService>;

export const UserServices = z.object({ services: z.array(UserService) });
export type UserServices = z.infer<typeof UserServices>;

/** What a user can have a service do. */
export const SERVICE_ACTIONS = ['start', 'stop', 'restart', 'tick'] as const;
export type ServiceAction = (typeof SERVICE_ACTIONS)[number];

export const SetServiceState = z.strictObject({ key: z.string().min(1).max(256), value: z.json() });
export type SetServiceState = z.infer<typeof SetServiceState>;

export { createSandbox } from './create-sandbox.ts';
export type { JobEvent, JobOutput, JobResult, JobSpec, Sandbox, SandboxOptions, SandboxStatus } from './sandbox.ts';
export { connectSandbox } from './socket/connect-sandbox.ts';
export { serveSandbox } from './socket/serve-sandbox.ts';

/** A gRPC server that speaks Temporal's WorkflowService with whatever answers a test has for it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Bridge } from '../../src/workflows/temporal/bridge.ts';
import { decode, encode } from '../../src/workflows/temporal/codec.ts';
import type { Fields } from '../../src/workflows/wire.ts';

const SERVICE = 'temporal.api.workflowservice.v1';
const UNIMPLEMENTED = 12;

/** Answers a request; `gone` fires when the asker does not wait any more, `authorization` is a header of it. */
export type Answer = (request: Fields, gone: AbortSignal, authorization: unknown) => Promise<Fields> | Fields;

/** Refuses a request with a status of gRPC. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Call {
  readonly path: string;
  readonly request: Buffer;
  readonly metadata: { get(name: string): unknown[] };
  on(event: 'cancelled', listener: () => void): void;
}

type Callback = (error: { code: number; message: string } | null, answer?: Buffer) => void;

interface Grpc {
  readonly Server: new () => {
    addService(definition: Fields, handlers: Record<string, (call: Call, callback: Callback) => Promise<void>>): void;
    bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
    forceShutdown(): void;
  };
  readonly ServerCredentials: {
    createInsecure(): unknown;
    createSsl(authority: Buffer, pairs: { private_key: Buffer; cert_chain: Buffer }[], checkClient: boolean): unknown;
  };
}

const bytes = (data: Buffer) => data;

const method = (rpc: string) => ({
  path: `/${SERVICE}.WorkflowService/${rpc}`,
  requestStream: false,
  responseStream: false,
  requestDeserialize: bytes,
  requestSerialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

/** `folder` is where Temporal's packages are: gRPC comes with them. */
export async function serveGrpc(
  folder: string,
  bridge: Bridge,
  answers: Readonly<Record<string, Answer>>,
  tls?: { authority: Buffer; certificate: Buffer; key: Buffer },
): Promise<{ target: string; close: () => void }> {
  const grpc = createRequire(join(folder, 'package.json'))('@grpc/grpc-js') as Grpc;
  const server = new grpc.Server();
  const handled = Object.entries(answers).map(([rpc, answer]) => ({ rpc, handler: handlerOf(bridge, rpc, answer) }));
  server.addService(
    Object.fromEntries(handled.map(({ rpc }) => [rpc, method(rpc)])),
    Object.fromEntries(handled.map(({ rpc, handler }) => [rpc, handler])),
  );
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = tls
      ? grpc.ServerCredentials.createSsl(tls.authority, [{ private_key: tls.key, cert_chain: tls.certificate }], true)
      : grpc.ServerCredentials.createInsecure();
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { target: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

function handlerOf(bridge: Bridge, rpc: string, answer: Answer) {
  return async (call: Call, callback: Callback): Promise<void> => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    try {
      const request = decode(bridge, `${SERVICE}.${rpc}Request`, call.request);
      const fields = await answer(request, gone.signal, call.metadata.get('authorization')[0]);
      callback(null, encode(bridge, `${SERVICE}.${rpc}Response`, fields));
    } catch (error) {
      const { message } = error as Error;
      callback({ code: error instanceof Refusal ? error.code : UNIMPLEMENTED, message });
    }
  };
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { EngineError, type EngineErrorKind } from '../engine-error.ts';
import type { Fields } from '../wire.ts';
import type { Bridge, Runtime, TemporalClient } from './bridge.ts';
import { decode, encode } from './codec.ts';
import type { EngineAddress } from './engine-address.ts';
import { RUNTIME_OPTIONS } from './worker-options.ts';

const MESSAGES = 'temporal.api.workflowservice.v1';
const KB = 1024;

/** Why a cluster refuses, by the number of its gRPC status. */
const KINDS: Readonly<Record<number, EngineErrorKind>> = {
  1: 'TIMED_OUT',
  3: 'INVALID_ARGUMENT',
  4: 'TIMED_OUT',
  5: 'NOT_FOUND',
  6: 'ALREADY_STARTED',
  9: 'FAILED_PRECONDITION',
  14: 'UNAVAILABLE',
};

/** Whoever requests go through. */
export type ClusterCaller = Pick<Cluster, 'identity' | 'call'>;

/** A connection to a Temporal cluster, over which its requests go. Close it, or the process does not end. */
export class Cluster {
  readonly bridge: Bridge;
  readonly namespace: string;
  /** How the cluster's pages name this process. */
  readonly identity = `hanabi ${process.pid}@${hostname()}`;
  readonly client: TemporalClient;
  readonly #runtime: Runtime;

  private constructor(bridge: Bridge, namespace: string, runtime: Runtime, client: TemporalClient) {
    this.bridge = bridge;
    this.namespace = namespace;
    this.#runtime = runtime;
    this.client = client;
  }

  /** Throws UNAVAILABLE with the address where nobody answers. */
  static async connect(bridge: Bridge, address: EngineAddress): Promise<Cluster> {
    const { target, namespace } = address;
    const runtime = bridge.native.newRuntime(RUNTIME_OPTIONS);
    try {
      const client = await bridge.native.newClient(runtime, clientOptions(address));
      return new Cluster(bridge, namespace, runtime, client);
    } catch (error) {
      bridge.native.runtimeShutdown(runtime);
      const message = `no Temporal cluster answers at ${target}: ${(error as Error).message}`;
      throw new EngineError('UNAVAILABLE', message);
    }
  }

  /**
   * A request of the protocol by its name; the namespace, who asks and an id of the request are filled in. Throws
   * TIMED_OUT when there is no answer in time; null: however long it takes.
   */
  async call(rpc: string, fields: Fields, timeout_ms: number | null = null): Promise<Fields> {
    const { bridge, namespace, identity } = this;
    const whole = { namespace, identity, requestId: randomUUID(), ...fields };
    const req = encode(bridge, `${MESSAGES}.${rpc}Request`, whole);
    const call = { rpc, req, retry: true, metadata: {}, timeout: timeout_ms };
    try {
      const answer = await bridge.native.clientSendWorkflowServiceRequest(this.client, call);
      return decode(bridge, `${MESSAGES}.${rpc}Response`, answer);
    } catch (error) {
      const { code, message } = error as Error & { code?: number };
      throw new EngineError(KINDS[code ?? 0] ?? 'INTERNAL', message);
    }
  }

  /** The same for somebody who waits so long for all requests together. */
  within(wait_ms: number): ClusterCaller {
    const deadline = performance.now() + wait_ms;
    const left_ms = () => Math.max(1, Math.ceil(deadline - performance.now()));
    return { identity: this.identity, call: (rpc, fields) => this.call(rpc, fields, left_ms()) };
  }

  close(): void {
    this.bridge.native.clientClose(this.client);
    this.bridge.native.runtimeShutdown(this.#runtime);
  }
}

function clientOptions({ target, tls, apiKey }: EngineAddress): Fields {
  const { authority = null, client } = tls ?? {};
  const clientTlsOptions = client ? { clientCert: client.certificate, clientPrivateKey: client.key } : null;
  return {
    targetUrl: `${tls ? 'https' : 'http'}://${target}`,
    clientName: 'hanabi',
    clientVersion: '1',
    tls: tls ? { domain: null, serverRootCaCert: authority, clientTlsOptions } : null,
    httpConnectProxy: null,
    dnsLoadBalancingConfig: null,
    grpcCompression: { codec: 'none' },
    headers: null,
    apiKey: apiKey ?? null,
    disableErrorCodeMetricTags: false,
    payloadsWarnSize: 512 * KB,
    memoWarnSize: 2 * KB,
  };
}

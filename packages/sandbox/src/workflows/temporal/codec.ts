import type { Activation, Completion, Fields } from '../wire.ts';
import type { Bridge } from './bridge.ts';

/** Bytes are base64 and enums their names, as everywhere on our wire; numbers of 64 bits do not fit into JavaScript's. */
const AS_ON_OUR_WIRE = { longs: String, enums: String, bytes: String };

/** A message as an object of our wire, which has the same names. */
export function decode(bridge: Bridge, name: string, data: Uint8Array): Fields {
  const type = bridge.messageType(name);
  return type.toObject(type.decode(data), AS_ON_OUR_WIRE);
}

export function encode(bridge: Bridge, name: string, fields: Fields): Buffer {
  const type = bridge.messageType(name);
  return Buffer.from(type.encode(type.fromObject(fields)).finish());
}

/** A message after its length, as the native module takes what it is told. */
export function encodeDelimited(bridge: Bridge, name: string, fields: Fields): Buffer {
  const type = bridge.messageType(name);
  return Buffer.from(type.encodeDelimited(type.fromObject(fields)).finish());
}

export function decodeActivation(bridge: Bridge, data: Buffer): Activation {
  const activation = decode(bridge, 'coresdk.workflow_activation.WorkflowActivation', data);
  return {
    isReplaying: false,
    historyLength: 0,
    timestamp: {},
    jobs: [],
    ...activation,
  } as unknown as Activation;
}

export function encodeCompletion(bridge: Bridge, completion: Completion): Buffer {
  return encodeDelimited(bridge, 'coresdk.workflow_completion.WorkflowActivationCompletion', completion);
}

/** A passkey in software (WebAuthn, ES256), which also signs what an honest authenticator would not. */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export interface Signed {
  /** As base64url, as the server gave it. */
  challenge: string;
  origin: string;
  host: string;
  /** The page sat in a frame of another origin. */
  cross_origin?: boolean;
  /** Whether the person showed who they are; true when left out. */
  verified?: boolean;
  type?: string;
  user_handle?: string;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const WITH_KEY = 0x40;

export class SoftwarePasskey {
  readonly id = randomBytes(32);
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private counter = 0;

  constructor() {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.privateKey = pair.privateKey;
    this.publicKey = pair.publicKey;
  }

  /** The answer to what registers it. */
  registration(signed: Signed): Record<string, unknown> {
    const key = this.publicKey.export({ format: 'jwk' });
    const [x, y] = [Buffer.from(key.x!, 'base64url'), Buffer.from(key.y!, 'base64url')];
    // A map of the kind of key, its algorithm, its curve, and the point.
    const cose = Buffer.concat([hex('a5010203262001215820'), x, hex('225820'), y]);
    const length = Buffer.from([0, this.id.length]);
    const data = Buffer.concat([this.#data(signed, WITH_KEY), Buffer.alloc(16), length, this.id, cose]);
    // A map of `fmt` none, an empty `attStmt`, and `authData`.
    const head = [hex('a363666d74646e6f6e656761747453746d74a0686175746844617461'), hex('59'), Buffer.alloc(2)];
    head[2]!.writeUInt16BE(data.length);
    return this.#answer(signed, 'webauthn.create', {
      attestationObject: Buffer.concat([...head, data]).toString('base64url'),
    });
  }

  /** The answer to what signs in. */
  assertion(signed: Signed): Record<string, unknown> {
    const data = this.#data(signed, 0);
    const client = Buffer.from(clientData(signed, 'webauthn.get'));
    const signature = createSign('sha256').update(data).update(sha256(client)).sign(this.privateKey);
    return this.#answer(signed, 'webauthn.get', {
      authenticatorData: data.toString('base64url'),
      signature: signature.toString('base64url'),
      ...(signed.user_handle !== undefined && { userHandle: signed.user_handle }),
    });
  }

  #data({ host, verified = true }: Signed, flags: number): Buffer {
    this.counter += 1;
    const tail = Buffer.alloc(5);
    tail[0] = PRESENT | (verified ? VERIFIED : 0) | flags;
    tail.writeUInt32BE(this.counter, 1);
    return Buffer.concat([sha256(Buffer.from(host)), tail]);
  }

  #answer(signed: Signed, type: string, response: object): Record<string, unknown> {
    const id = this.id.toString('base64url');
    const clientDataJSON = Buffer.from(clientData(signed, type)).toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON, ...response } };
  }
}

function clientData({ type, challenge, origin, cross_origin = false }: Signed, usual: string): string {
  return JSON.stringify({ type: type ?? usual, challenge, origin, crossOrigin: cross_origin });
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

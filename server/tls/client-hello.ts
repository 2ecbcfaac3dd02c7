/** Fields of a ClientHello (RFC 8446 §4.1.2) that the server needs before it answers. */
export interface ClientHello {
  readonly acceptsTls12: boolean;
  /** The session id that the client wants to resume, or a random one (RFC 8446 §4.1.2). */
  readonly sessionId: Buffer;
  /** Tickets of TLS 1.2 (RFC 5077 §3.2) and TLS 1.3 (RFC 8446 §4.2.11) that the client wants to resume. */
  readonly tickets: readonly Buffer[];
}

const RECORD_HEADER_OCTETS = 5;
const MAX_RECORD_OCTETS = 2 ** 14;
const MESSAGE_HEADER_OCTETS = 4;
const RANDOM_OCTETS = 32;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const TLS_1_2 = 0x0303;
const EXTENSION = { sessionTicket: 35, preSharedKey: 41, supportedVersions: 43 } as const;

/**
 * Reads the ClientHello from the first octets of a connection.
 *
 * @returns `incomplete` if more octets are needed, `undefined` if this is no ClientHello, or one in several records, which no
 *   known client sends: the TLS library decides about both.
 */
export function readClientHello(octets: Buffer): ClientHello | 'incomplete' | undefined {
  if (octets.length > 0 && octets[0] !== HANDSHAKE_RECORD) return undefined;
  if (octets.length < RECORD_HEADER_OCTETS) return 'incomplete';
  const recordOctets = octets.readUInt16BE(3);
  if (recordOctets > MAX_RECORD_OCTETS) return undefined;
  const endOfRecord = RECORD_HEADER_OCTETS + recordOctets;
  if (octets.length < endOfRecord) return 'incomplete';
  const message = octets.subarray(RECORD_HEADER_OCTETS, endOfRecord);
  if (message.length < MESSAGE_HEADER_OCTETS || message[0] !== CLIENT_HELLO) return undefined;
  if (message.readUIntBE(1, 3) !== message.length - MESSAGE_HEADER_OCTETS) return undefined;
  try {
    return readBody(new Fields(message.subarray(MESSAGE_HEADER_OCTETS)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readBody(body: Fields): ClientHello {
  const legacyVersion = body.number(2);
  body.take(RANDOM_OCTETS);
  const sessionId = body.vector(1);
  body.vector(2); // cipher suites
  body.vector(1); // compression methods
  let acceptsTls12 = legacyVersion >= TLS_1_2;
  const tickets: Buffer[] = [];
  const extensions = new Fields(body.isAtEnd ? Buffer.alloc(0) : body.vector(2));
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === EXTENSION.supportedVersions) acceptsTls12 = listsTls12(content);
    if (type === EXTENSION.sessionTicket && content.length > 0) tickets.push(content);
    if (type === EXTENSION.preSharedKey) tickets.push(...identitiesIn(content));
  }
  return { acceptsTls12, sessionId, tickets };
}

function listsTls12(content: Buffer): boolean {
  const versions = new Fields(new Fields(content).vector(1));
  while (!versions.isAtEnd) if (versions.number(2) === TLS_1_2) return true;
  return false;
}

function identitiesIn(content: Buffer): Buffer[] {
  const identities = new Fields(new Fields(content).vector(2));
  const found: Buffer[] = [];
  while (!identities.isAtEnd) {
    found.push(identities.vector(2));
    identities.take(4); // obfuscated ticket age
  }
  return found;
}

/** Reads the fields of a TLS structure one after another (RFC 8446 §3). Throws a RangeError at the end. */
class Fields {
  readonly #octets: Buffer;
  #offset = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#octets.length;
  }

  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#octets.length) throw new RangeError('truncated TLS structure');
    const taken = this.#octets.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  number(length: 1 | 2): number {
    return this.take(length).readUIntBE(0, length);
  }

  /** A field that begins with its length in `lengthOctets` octets. */
  vector(lengthOctets: 1 | 2): Buffer {
    return this.take(this.number(lengthOctets));
  }
}

const HEADER_BYTES = 3;
/** "WA", protocol 6, token dictionary 3. It is also the Noise prologue. */
export const NOISE_PROLOGUE = Buffer.from([0x57, 0x41, 0x06, 0x03]);
/** "ED" 00 01, a 3-byte length and as many bytes: where the client was routed last time. It precedes the prologue. */
const ROUTING_MAGIC = Buffer.from('ED');
const ROUTING_HEADER_BYTES = 7;

/** Bytes of a frame as they go over the wire. */
export function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(payload.byteLength, 0, HEADER_BYTES);
  return Buffer.concat([header, payload]);
}

/**
 * Cuts the client's bytes into frames. WebSocket messages are only pieces of a byte stream, so one may hold
 * half a frame or several. The intro before the first frame is checked and dropped; a wrong one throws.
 * `onRouting` hears of the routing header, where there is one.
 */
export function createFrameReader(onRouting: (info: Buffer) => void = () => {}): (bytes: Buffer) => Buffer[] {
  let pending: Buffer = Buffer.alloc(0);
  let introSeen = false;

  return bytes => {
    pending = Buffer.concat([pending, bytes]);
    if (!introSeen) {
      const intro = readIntro(pending);
      if (intro === undefined) return [];
      if (intro.routing) onRouting(intro.routing);
      pending = intro.rest;
      introSeen = true;
    }
    const frames: Buffer[] = [];
    while (pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + pending.readUIntBE(0, HEADER_BYTES);
      if (pending.length < end) break;
      frames.push(pending.subarray(HEADER_BYTES, end));
      pending = pending.subarray(end);
    }
    return frames;
  };
}

interface Intro {
  readonly routing: Buffer | undefined;
  readonly rest: Buffer;
}

function readIntro(bytes: Buffer): Intro | undefined {
  if (bytes.length < NOISE_PROLOGUE.length) return undefined;
  let start = 0;
  if (bytes.subarray(0, 2).equals(ROUTING_MAGIC)) {
    if (bytes.length < ROUTING_HEADER_BYTES) return undefined;
    start = ROUTING_HEADER_BYTES + bytes.readUIntBE(4, 3);
  }
  const end = start + NOISE_PROLOGUE.length;
  if (bytes.length < end) return undefined;
  if (!bytes.subarray(start, end).equals(NOISE_PROLOGUE)) {
    throw new Error('the client did not open with WA 6 3');
  }
  const routing = start === 0 ? undefined : Buffer.from(bytes.subarray(ROUTING_HEADER_BYTES, start));
  return { routing, rest: bytes.subarray(end) };
}

import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Credentials are a few thousand bytes; what is longer is something else. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What the server answers to one command: text, or nothing for a key that is not there. */
type Reply = string | undefined;

/**
 * Reads one string of a Redis server by itself: three commands of its protocol (RESP 2) are AUTH, SELECT and GET, and
 * none of them writes. `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for TLS. Rejects with the
 * server's own word where it refuses, e.g. WRONGPASS.
 */
export async function readRedisValue(url: string, key: string, limitMs: number): Promise<Reply> {
  // Not by the exception of `new URL`: it carries the text, and with it the password.
  if (!URL.canParse(url)) throw failure('INVALID_URL');
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const address = { host, port: Number(port || 6379) };
  const socket =
    protocol === 'rediss:'
      ? connectTls({ ...address, ...(!isIP(host) && { servername: host }) })
      : connect(address);
  socket.setTimeout(limitMs, () => socket.destroy(failure('ETIMEDOUT')));
  try {
    await once(socket, protocol === 'rediss:' ? 'secureConnect' : 'connect');
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    const database = pathname.slice(1);
    const commands = [
      ...(secret === '' ? [] : [['AUTH', ...(user === '' ? [] : [user]), secret]]),
      ...(database === '' ? [] : [['SELECT', database]]),
      ['GET', key],
    ];
    socket.write(commands.map(encodeCommand).join(''));
    return await readLastReply(socket, commands.length);
  } finally {
    socket.destroy();
  }
}

const encodeCommand = (words: readonly string[]) =>
  `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

async function readLastReply(chunks: AsyncIterable<Buffer>, count: number): Promise<Reply> {
  let received = Buffer.alloc(0);
  let [seen, last]: [number, Reply] = [0, undefined];
  for await (const chunk of chunks) {
    received = Buffer.concat([received, chunk]);
    for (let reply = readReply(received); reply; reply = readReply(received)) {
      received = received.subarray(reply.sizeBytes);
      last = reply.value;
      seen += 1;
      if (seen === count) return last;
    }
  }
  throw failure('ECONNRESET');
}

/** Undefined where not all of it is there yet. */
function readReply(bytes: Buffer): { readonly value: Reply; readonly sizeBytes: number } | undefined {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return undefined;
  const [kind, line] = [String.fromCharCode(bytes[0] ?? 0), bytes.toString('utf8', 1, end)];
  // Its first word is a code; what comes after may name users.
  if (kind === '-') throw failure(line.split(' ')[0] ?? 'ERR');
  if (kind !== '$' || line === '-1') return { value: kind === '$' ? undefined : line, sizeBytes: end + 2 };
  const [start, length] = [end + 2, Number(line)];
  if (length > MOST_BYTES) throw failure('TOO_LONG');
  if (bytes.length < start + length + 2) return undefined;
  return { value: bytes.toString('utf8', start, start + length), sizeBytes: start + length + 2 };
}

const failure = (code: string) => Object.assign(new Error(`redis: ${code}`), { code });

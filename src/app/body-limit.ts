import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Bounds the body of a request that comes in chunks. One that says its length was measured before it came here, and Node
 * takes no more of it than it said. The library's own limit sends every body through one more stream: as much work as a
 * small query.
 */
export function useBodyLimit(mostBytes: number): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      if (requestParser === undefined || !request.headers.has('transfer-encoding')) return;
      setRequestParser(async given => {
        if (given.body === null) return requestParser(given);
        const { url, method, headers } = given;
        const body = await readUpTo(mostBytes, given.body.getReader());
        return requestParser(new fetchAPI.Request(url, { method, headers, body }));
      });
    },
  };
}

async function readUpTo(
  mostBytes: number,
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    sizeBytes += step.value.byteLength;
    // What follows is not read: the connection is closed behind the answer, and not before it.
    if (sizeBytes > mostBytes) throw createRefusal(mostBytes);
    chunks.push(step.value);
  }
  return Buffer.concat(chunks, sizeBytes);
}

const createRefusal = (mostBytes: number) =>
  new GraphQLError(`A request has at most ${mostBytes} bytes.`, {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 413, headers: { connection: 'close' } } },
  });

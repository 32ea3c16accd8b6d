import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/**
 * One request of a connection at a time. Node hands over all that a client has written, as many requests as fit a
 * packet; their answers have to leave in order anyhow, and together they would keep everybody else waiting. Who does not
 * read an answer has the next one not even begun. A connection with more than `mostWaiting` behind the first is cut.
 */
export function inTurn(listener: RequestListener, mostWaiting: number): RequestListener {
  const waiting = new WeakMap<Socket, (() => void)[]>();

  const next = (socket: Socket) => {
    const begin = socket.destroyed ? undefined : waiting.get(socket)?.shift();
    if (begin) begin();
    else waiting.delete(socket);
  };

  return (request, response) => {
    const { socket } = request;
    const begin = () => {
      // Not at once: other connections come between two requests of one.
      response.once('close', () => setImmediate(next, socket));
      listener(request, response);
    };
    const line = waiting.get(socket);
    if (!line) {
      waiting.set(socket, []);
      begin();
    } else if (line.length < mostWaiting) line.push(begin);
    else socket.destroy();
  };
}

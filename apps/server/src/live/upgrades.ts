/**
 * Which requests for another protocol are answered, and how. Node.js hands all of them over as soon as anybody listens for
 * them, also those of clients that would like HTTP/2 and would rather have an answer: they get the one that everybody gets.
 */
import { EventEmitter } from 'node:events';
import { type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Where those for a WebSocket come out again. */
export function webSocketUpgrades(server: Server, plain: RequestListener): Server {
  const upgrades = new EventEmitter();
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') upgrades.emit('upgrade', request, socket, head);
    else answerPlainly(request, socket, plain);
  });
  // All that the framework wants of a server here are these events.
  return upgrades as Server;
}

function answerPlainly(request: IncomingMessage, socket: Socket, plain: RequestListener): void {
  socket.on('error', () => socket.destroy());
  // What follows its head has not been read as a body, and will not be.
  if (!['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(request.method ?? '')) {
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  plain(request, response);
}

import type { Socket } from 'node:net';
import { GatewayError } from '../protocol/errors.ts';

/** Answers what Node could not read as HTTP, in the same envelope as everything else. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason, message } = explain(error.code);
  const body = JSON.stringify(new GatewayError('invalid_request_error', message).toBody());
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function explain(code: string | undefined): { status: number; reason: string; message: string } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The request headers are larger than 16 KB. Send fewer or shorter ones.';
    return { status: 431, reason: 'Request Header Fields Too Large', message };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, reason: 'Request Timeout', message: 'The request did not arrive whole in time.' };
  }
  return { status: 400, reason: 'Bad Request', message: `The request is no valid HTTP (${code ?? 'unreadable'}).` };
}

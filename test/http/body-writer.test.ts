import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Response } from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BodyWriter } from '../../src/http/body-writer.ts';

/** All that a server sends over one connection for what is written to it. */
async function talk(sent: string, answer: (response: ServerResponse) => Promise<void>): Promise<string> {
  const server = createServer((_request, response) => void answer(response)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  socket.write(sent);
  await once(socket, 'close');
  return received;
}

function get(path: string, version = '1.1', connection = 'close'): string {
  return `GET ${path} HTTP/${version}\r\nhost: x\r\nconnection: ${connection}\r\n\r\n`;
}

async function writeAll(response: ServerResponse, pieces: readonly string[]): Promise<void> {
  const writer = new BodyWriter(response as Response);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const piece of pieces) {
    writer.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

describe('the body of a response (chunked transfer-encoding)', () => {
  it('has one chunk for each piece, counted in bytes', async () => {
    const received = await talk(get('/'), (response) => writeAll(response, ['one', 'two', 'Grüße 🙂', 'four']));
    expect(bodyOf(received)).toBe('3\r\none\r\n3\r\ntwo\r\nc\r\nGrüße 🙂\r\n4\r\nfour\r\n0\r\n\r\n');
  });

  it('is not ended by an empty piece', async () => {
    const received = await talk(get('/'), (response) => writeAll(response, ['one', '', 'two']));
    expect(bodyOf(received)).toBe('3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n');
  });

  it('has no chunks for an HTTP/1.0 client', async () => {
    const received = await talk(get('/', '1.0'), (response) => writeAll(response, ['one', 'two', 'three']));
    expect(bodyOf(received)).toBe('onetwothree');
  });

  it('waits for the response before it on the same connection (pipelining)', async () => {
    const first = Promise.withResolvers<void>();
    const received = await talk(get('/slow', '1.1', 'keep-alive') + get('/fast'), async (response) => {
      if (response.req.url === '/slow') await first.promise;
      await writeAll(response, response.req.url === '/slow' ? ['slow', 'slower'] : ['fast', 'faster']);
      first.resolve();
    });
    expect(received.match(/slow(?:er)?|fast(?:er)?/g)).toEqual(['slow', 'slower', 'fast', 'faster']);
  });
});

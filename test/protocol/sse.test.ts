import { describe, expect, it } from 'vitest';
import { AttemptError } from '../../src/protocol/failure.ts';
import { EventReader, toFrame } from '../../src/protocol/sse.ts';

function read(text: string, pieceBytes = Number.POSITIVE_INFINITY): string[] {
  const bytes = Buffer.from(text);
  const reader = new EventReader();
  const events: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    events.push(...reader.read(bytes.subarray(at, at + pieceBytes)));
  return [...events, ...reader.end()];
}

describe('EventReader (SSE)', () => {
  const STREAM =
    '\uFEFF: hello\n\ndata: {"a":"é🚀"}\r\n\r\n: PROCESSING\r\n\r\nevent: x\r\ndata:no space\r\n\r\ndata: one\ndata: two\n\ndata: [DONE]\n\n';
  const EVENTS = ['{"a":"é🚀"}', 'no space', 'one\ntwo', '[DONE]'];

  it('reads data whatever the line endings, comments and event names', () => {
    expect(read(STREAM)).toEqual(EVENTS);
  });

  it('gives the same events for two pieces cut at any byte', () => {
    const bytes = Buffer.from(STREAM);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new EventReader();
      const events = [...reader.read(bytes.subarray(0, cut)), ...reader.read(bytes.subarray(cut)), ...reader.end()];
      expect(events, `cut at ${cut}`).toEqual(EVENTS);
    }
  });

  it.each([1, 2, 3, 7])('gives the same events for pieces of %i bytes', (pieceBytes) => {
    expect(read(STREAM, pieceBytes)).toEqual(EVENTS);
  });

  it('ignores an event without data (keepalive comment)', () => {
    expect(read('data:\n\nevent: ping\ndata: \n\ndata: 1\n\n')).toEqual(['1']);
  });

  it('flushes an event whose empty line never came', () => {
    expect(read('data: last')).toEqual(['last']);
    expect(read('data: last\r\n')).toEqual(['last']);
  });

  it.each([1, 5, 1000])('takes bare JSON after events as one last event (%i bytes)', (pieceBytes) => {
    const error = '{\n  "error": {\n\n    "code": 500\n  }\n}';
    expect(read(`data: {"a":1}\n\n${error}\n`, pieceBytes)).toEqual(['{"a":1}', error]);
  });

  it('takes a body that is no SSE stream as one event', () => {
    expect(read('\n   \n{"choices":[]}\n', 3)).toEqual(['{"choices":[]}']);
    expect(read('[{"error":{}}]')).toEqual(['[{"error":{}}]']);
  });

  it('reads an event of several megabytes in small pieces in linear time', () => {
    const data = 'x'.repeat(4 * 1024 * 1024);
    expect(read(`data: ${data}\n\n`, 4096)).toEqual([data]);
  });

  it('fails on an event without end (size limit)', () => {
    const reader = new EventReader();
    const piece = Buffer.from('x'.repeat(1024 * 1024));
    reader.read(Buffer.from('data: '));
    expect(() => {
      for (let count = 0; count < 70; count++) reader.read(piece);
    }).toThrow(AttemptError);
  });
});

describe('toFrame (SSE)', () => {
  it('writes one line of data, also for text with line breaks', () => {
    expect(toFrame({ a: 'x\ny' })).toBe('data: {"a":"x\\ny"}\n\n');
  });
});

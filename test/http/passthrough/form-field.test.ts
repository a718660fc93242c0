import { describe, expect, it } from 'vitest';
import { boundaryIn, FormFieldReader } from '../../../src/http/passthrough/form-field.ts';

const BOUNDARY = '----boundary42';
const FILE = `image\r\n--${'x'.repeat(20)}\r\n\r\nname="n"\r\n\r\n7\r\n`.repeat(50);

function part(head: string, body: string): string {
  return `--${BOUNDARY}\r\n${head}\r\n\r\n${body}\r\n`;
}

function field(name: string, value: string): string {
  return part(`Content-Disposition: form-data; name="${name}"`, value);
}

const IMAGE = part('Content-Disposition: form-data; name="image"; filename="n.png"\r\nContent-Type: image/png', FILE);
const END = `--${BOUNDARY}--\r\n`;

/** In pieces of so many bytes. */
function read(form: string, bytes: number): string[] {
  const reader = new FormFieldReader(BOUNDARY, 'n');
  const whole = Buffer.from(form, 'latin1');
  const values: string[] = [];
  for (let at = 0; at < whole.length; at += bytes) values.push(...reader.add(whole.subarray(at, at + bytes)));
  return values;
}

describe.each([1, 2, 7, 100, 100_000])('a form in pieces of %i bytes', (bytes) => {
  it.each([
    ['after a file', IMAGE + field('n', '3') + END, ['3']],
    ['before a file', field('n', '3') + IMAGE + END, ['3']],
    ['twice', field('n', '1') + field('prompt', 'a cat') + field('n', '10') + END, ['1', '10']],
    ['not at all', field('prompt', 'n') + IMAGE + field('size', '1024x1024') + END, []],
    ['without quotes, in small letters', part('content-disposition: form-data; name=n', '4') + END, ['4']],
    ['with more in its head', part('A: b\r\nContent-Disposition: form-data; name="n"; x=y\r\nC: d', '5') + END, ['5']],
    ['with lines that end in one character', (IMAGE + field('n', '6') + END).replaceAll('\r\n', '\n'), ['6']],
    ['empty', field('n', '') + field('prompt', '') + END, ['']],
    ['after a preamble', `This is a form.\r\n${field('n', '2')}${END}`, ['2']],
    [
      'behind what begins as a delimiter does',
      field('x', `\r\n--${BOUNDARY}X${'y'.repeat(8160)}`) + field('n', '9') + END,
      ['9'],
    ],
    ['in a name that a form must not have', part("Content-Disposition: form-data; name*=UTF-8''n", '7') + END, ['7']],
    ['in such a name in parts', part('Content-Disposition: form-data; name*0=n', '7') + END, ['7']],
    [
      'in such a name beside another',
      part(`Content-Disposition: form-data; name="x"; name*=UTF-8''n`, '7') + END,
      ['7'],
    ],
    ['not in the name of a file', part(`Content-Disposition: form-data; name="x"; filename*=UTF-8''n`, '7') + END, []],
    ['in a name that ends so', field('an', '3') + field('n1', '4') + END, []],
  ])('has the field %s', (_name, form, values) => {
    expect(read(form, bytes)).toEqual(values);
  });
});

describe('a form', () => {
  it('is not held in memory, whatever is in it', () => {
    const reader = new FormFieldReader(BOUNDARY, 'n');
    const endless = [
      field('n', '9'.repeat(100_000)),
      `--${BOUNDARY}\r\nX: ${'y'.repeat(100_000)}`,
      field('n', '3'),
      END,
    ];
    const values = endless.flatMap((piece) => reader.add(Buffer.from(`\r\n${piece}`)));
    expect(values.map(({ length }) => length < 200)).toEqual([true, true]);
    expect(values.at(-1)).toBe('3');
  });

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; charset=utf-8; boundary="a b"', 'a b'],
    ['Multipart/Form-Data;Boundary=abc; x=y', 'abc'],
    ['multipart/form-data', null],
    ['multipart/form-data; boundary=a; boundary=b', null],
    ['application/json; boundary=abc', null],
    [undefined, null],
  ])('has the boundary that %s names', (contentType, boundary) => {
    expect(boundaryIn(contentType)).toBe(boundary);
  });
});

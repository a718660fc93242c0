/** Of the head of a part; what is longer is no field that a server would read. */
const MAX_HEAD_BYTES = 8192;
/** Of a value; a longer one is no number. */
const MAX_VALUE_BYTES = 64;

/**
 * Finds the values of one field of a form that streams by, `multipart/form-data`, and holds no more than the head of a part.
 * Lines may end as the standard has it, or without their carriage return, which some servers take as well.
 */
export class FormFieldReader {
  readonly #delimiter: Buffer;
  readonly #isField: RegExp;
  /** A form begins with a delimiter, and each is at the beginning of a line. */
  #rest = Buffer.from('\n');
  #isInHead = false;
  /** Of the field that is being read; null in any other part. */
  #value: string | null = null;

  /** @param name letters only */
  constructor(boundary: string, name: string) {
    this.#delimiter = Buffer.from(`\n--${boundary}`, 'latin1');
    // RFC 7578 forbids `name*=UTF-8''n` and `name*0=n` in a form, but Werkzeug, Fastify's busboy and Python's email read `n`
    // there, while busboy, Starlette and undici do not: a part that is named so is taken for the field, whatever it says.
    const named = `(?:=\\s*(?:"${name}"|${name}\\s*(?:;|$))|\\*)`;
    this.#isField = new RegExp(`^content-disposition\\s*:.*;\\s*name\\s*${named}`, 'im');
  }

  /** The values that end in this piece: without white space around them, but for one of 64 bytes and more, which is not whole. */
  add(piece: Buffer): readonly string[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const values: string[] = [];
    let at = 0;
    for (let end = this.#nextEnd(bytes, at); end >= 0; end = this.#nextEnd(bytes, at)) {
      const read = bytes.subarray(at, end);
      if (this.#isInHead) at = end;
      else {
        this.#keep(read);
        if (this.#value !== null) values.push(this.#value.length < MAX_VALUE_BYTES ? this.#value.trim() : this.#value);
        at = end + this.#delimiter.length;
      }
      this.#value = this.#isInHead && this.#isField.test(read.toString('latin1')) ? '' : null;
      this.#isInHead = !this.#isInHead;
    }
    this.#rest = this.#restOf(bytes.subarray(at));
    return values;
  }

  /** See {@link #endAfter}. */
  #nextEnd(bytes: Buffer, at: number): number {
    const end = this.#endAfter(bytes, at);
    if (end >= 0 || !this.#isInHead || bytes.length - at <= MAX_HEAD_BYTES) return end;
    // It only looked like a delimiter: a file may hold one with more behind it, and the next part begins where it will.
    this.#isInHead = false;
    return this.#endAfter(bytes, at);
  }

  /** Where the head, or the body, of the part ends; -1 where that is not here. */
  #endAfter(bytes: Buffer, at: number): number {
    if (!this.#isInHead) return bytes.indexOf(this.#delimiter, at);
    const ends = [bytes.indexOf('\n\r\n', at), bytes.indexOf('\n\n', at)].filter((end) => end >= 0);
    // The line break stays with the body: an empty one has no other before its delimiter.
    return ends.length === 0 ? -1 : Math.min(...ends) + 1;
  }

  /** What has to be seen again with the next piece. */
  #restOf(bytes: Buffer): Buffer<ArrayBuffer> {
    if (this.#isInHead) return Buffer.from(bytes);
    const tail = Math.max(0, bytes.length - this.#delimiter.length + 1);
    this.#keep(bytes.subarray(0, tail));
    return Buffer.from(bytes.subarray(tail));
  }

  #keep(bytes: Buffer): void {
    if (this.#value !== null && this.#value.length < MAX_VALUE_BYTES)
      this.#value += bytes.toString('latin1', 0, MAX_VALUE_BYTES);
  }
}

/** The boundary that a `content-type` names; null where it is of no form, or names two, of which servers take either. */
export function boundaryIn(contentType: string | undefined): string | null {
  if ((contentType?.match(/;\s*boundary\s*=/gi)?.length ?? 0) > 1) return null;
  const [, quoted, plain] = /^\s*multipart\/form-data\b.*;\s*boundary\s*=\s*(?:"([^"]+)"|([^;\s]+))/i.exec(
    contentType ?? '',
  ) ?? [null];
  return quoted ?? plain ?? null;
}

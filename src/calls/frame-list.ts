/** How much is given at once: a slow reader then holds no more than this beside what is kept. */
const SLICE_CHARS = 64 * 1024;

/** Some frames, and the number of the last one. */
export interface Slice {
  readonly text: string;
  readonly lastId: number;
}

/** A frame, and how many bytes the stream has up to its end. */
interface Frame {
  readonly text: string;
  readonly end: number;
}

/** The frames of one stream that are kept, numbered from 1, with their bytes. */
export class FrameList {
  #frames: Frame[] = [];
  #firstId = 1;
  #droppedBytes = 0;
  #totalBytes = 0;

  /** Number of the first frame that is kept. */
  firstId(): number {
    return this.#firstId;
  }

  /** Number of the last frame; 0 before the first. */
  lastId(): number {
    return this.#firstId + this.#frames.length - 1;
  }

  /** Bytes kept. */
  size(): number {
    return this.#totalBytes - this.#droppedBytes;
  }

  /** Bytes kept after the frame of this number. */
  bytesAfter(id: number): number {
    return this.#totalBytes - (this.#frames[id - this.#firstId]?.end ?? this.#droppedBytes);
  }

  /** Takes the frames of one batch. A frame is one line of JSON, so that an empty line ends each of them. */
  append(batch: string): void {
    for (const event of batch.split('\n\n')) {
      if (event === '') continue;
      const text = `id: ${this.lastId() + 1}\n${event}\n\n`;
      this.#totalBytes += Buffer.byteLength(text);
      this.#frames.push({ text, end: this.#totalBytes });
    }
  }

  /** Lets the oldest frames go until so many bytes are kept, up to the frame of this number. */
  trim(bytes: number, upTo: number): void {
    let count = 0;
    while (this.size() > bytes && this.#firstId + count <= upTo) {
      this.#droppedBytes = this.#frames[count++]?.end ?? this.#droppedBytes;
    }
    this.#frames = this.#frames.slice(count);
    this.#firstId += count;
  }

  /** The frames after the given one, empty when there is none yet; null when they are no longer kept. */
  after(id: number): Slice | null {
    if (id + 1 < this.#firstId) return null;
    let text = '';
    let at = id + 1 - this.#firstId;
    while (at < this.#frames.length && text.length < SLICE_CHARS) text += this.#frames[at++]?.text ?? '';
    return { text, lastId: this.#firstId + at - 1 };
  }
}

import type { JsonRecord } from '../../protocol/json.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

/** A search of the web that the provider ran. What it searched for is not known to us. */
export class WebSearchItem implements OutputItem {
  readonly #place: ItemPlace;
  readonly #sources: readonly string[] | null;

  /** @param sources addresses of pages; null where the client did not ask for them */
  constructor(place: ItemPlace, sources: readonly string[] | null) {
    this.#place = place;
    this.#sources = sources;
  }

  end(): void {
    for (const step of ['in_progress', 'searching', 'completed']) {
      this.#place.events.add(`response.web_search_call.${step}`, { ...namesOf(this.#place) });
    }
  }

  toItem(status: ItemStatus): JsonRecord {
    const sources = this.#sources?.map((url) => ({ type: 'url', url }));
    const action = { type: 'search', query: '', ...(sources ? { sources } : {}) };
    return { id: this.#place.id, type: 'web_search_call', status, action };
  }
}

/** What was summed up before the answer. It has no status, and nothing of it grows. */
export class CompactionItem implements OutputItem {
  readonly #item: JsonRecord;

  constructor(id: string, sealed: string) {
    this.#item = { id, type: 'compaction', encrypted_content: sealed };
  }

  end(): void {}

  toItem(): JsonRecord {
    return this.#item;
  }
}

/** An image that the model made. */
export class ImageItem implements OutputItem {
  readonly #place: ItemPlace;
  readonly #image: InlineImage;

  constructor(place: ItemPlace, image: InlineImage) {
    this.#place = place;
    this.#image = image;
  }

  end(): void {
    for (const step of ['in_progress', 'generating', 'completed']) {
      this.#place.events.add(`response.image_generation_call.${step}`, { ...namesOf(this.#place) });
    }
  }

  toItem(status: ItemStatus): JsonRecord {
    const item = { id: this.#place.id, type: 'image_generation_call', status };
    if (status === 'in_progress') return { ...item, result: null };
    return { ...item, output_format: this.#image.format, result: this.#image.data };
  }
}

/** An image in base64. */
export interface InlineImage {
  /** `png`, `jpeg`, `webp` */
  readonly format: string;
  readonly data: string;
}

const DATA_ADDRESS = /^data:image\/([\w.+-]+)[^,]*;base64,/;

/** Null for an image elsewhere: the item has a place for base64 alone, and the gateway fetches nothing for a client. */
export function toInlineImage(url: unknown): InlineImage | null {
  const match = typeof url === 'string' ? DATA_ADDRESS.exec(url) : null;
  if (match === null || typeof url !== 'string') return null;
  return { format: match[1] ?? 'png', data: url.slice(match[0].length) };
}

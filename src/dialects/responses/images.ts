import type { ChunkDelta } from '../../protocol/delta.ts';
import { type JsonRecord, stringOf } from '../../protocol/json.ts';

/** The images that the model has made in one answer, each told once. Sketches of them are left out. */
export interface ToldImages {
  /** Those of items that are whole. */
  add(items: readonly JsonRecord[]): ChunkDelta[];
  /** Those of the whole answer that no item came with. */
  rest(output: readonly JsonRecord[]): ChunkDelta[];
}

/** One for one answer. */
export function createToldImages(): ToldImages {
  let told = 0;
  const tell = (images: readonly string[]): ChunkDelta[] => {
    told += images.length;
    return images.map((url) => ({ images: [{ type: 'image_url', image_url: { url } }] }));
  };
  return {
    add: (items) => tell(imagesIn(items)),
    rest: (output) => tell(imagesIn(output).slice(told)),
  };
}

function imagesIn(items: readonly JsonRecord[]): string[] {
  const made = items.filter(({ type, result }) => type === 'image_generation_call' && stringOf(result));
  return made.map(({ output_format: format, result }) => `data:image/${stringOf(format) ?? 'png'};base64,${result}`);
}

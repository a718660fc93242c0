import type { ChunkDelta } from '../../protocol/delta.ts';
import { type JsonRecord, stringOf } from '../../protocol/json.ts';

/** The images that the model has made in one answer, each told once. Sketches of them are left out. */
export interface ReportedImages {
  /** Images of items that are whole. */
  add(items: readonly JsonRecord[]): ChunkDelta[];
  /** Images of the whole answer that no item came with. */
  rest(output: readonly JsonRecord[]): ChunkDelta[];
}

/** One for one answer. */
export function createReportedImages(): ReportedImages {
  let reported = 0;
  const report = (images: readonly string[]): ChunkDelta[] => {
    reported += images.length;
    return images.map((url) => ({ images: [{ type: 'image_url', image_url: { url } }] }));
  };
  return {
    add: (items) => report(imagesIn(items)),
    rest: (output) => report(imagesIn(output).slice(reported)),
  };
}

function imagesIn(items: readonly JsonRecord[]): string[] {
  const made = items.filter(({ type, result }) => type === 'image_generation_call' && stringOf(result));
  return made.map(({ output_format: format, result }) => `data:image/${stringOf(format) ?? 'png'};base64,${result}`);
}

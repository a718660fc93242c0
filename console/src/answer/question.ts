import type { ResponseItem } from './turn.ts';

/** A picture or a file that belongs to a question, as a data URL. */
export interface Attachment {
  readonly kind: 'image' | 'file';
  readonly name: string;
  readonly url: string;
}

/** What is asked: words, pictures and files. */
export interface Question {
  readonly text: string;
  readonly files: readonly Attachment[];
}

/** What the API is told of it: words alone as they are, else one message with its parts. */
export function toInput({ text, files }: Question): unknown {
  if (files.length === 0) return text;
  const words = text.trim() === '' ? [] : [{ type: 'input_text', text }];
  return [{ type: 'message', role: 'user', content: [...files.map(toPart), ...words] }];
}

function toPart({ kind, name, url }: Attachment): object {
  if (kind === 'image') return { type: 'input_image', image_url: url, detail: 'auto' };
  return { type: 'input_file', filename: name, file_data: url };
}

/** The pictures and files of a stored message. A picture that is kept elsewhere is not loaded, so it is none here. */
export function filesOf({ content }: ResponseItem): readonly Attachment[] {
  if (content === undefined || typeof content === 'string') return [];
  return content.flatMap((part): readonly Attachment[] => {
    const { type, image_url: image, file_data: data, filename } = part;
    if (type === 'input_image' && image?.startsWith('data:')) return [{ kind: 'image', name: 'Picture', url: image }];
    if (type === 'input_file' && data) return [{ kind: 'file', name: filename || 'File', url: data }];
    return [];
  });
}

/** What a conversation that begins with it is called. */
export function titleOf({ text, files }: Question): string {
  return text.trim().replace(/\s+/g, ' ').slice(0, 60) || files[0]?.name || 'Without a title';
}

/** Nothing to send. */
export function isEmpty({ text, files }: Question): boolean {
  return text.trim() === '' && files.length === 0;
}

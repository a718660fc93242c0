import { type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type { InputPart } from '../../protocol/model-message.ts';

/** The content of a message or of an output in the words of the house. @param at the place of its item */
export function readContent(content: unknown, at: number): string | InputPart[] {
  return stringOf(content) ?? recordsOf(content).map((part, entry) => readPart(part, at, entry));
}

/** The content as parts, also where it is a plain text; an empty text has none. */
export function readContentParts(content: unknown, at: number): InputPart[] {
  const read = readContent(content, at);
  if (typeof read !== 'string') return read;
  return read === '' ? [] : [{ type: 'text', text: read, at, entry: 0, source: null }];
}

function readPart(source: JsonRecord, at: number, entry: number): InputPart {
  const place = { at, entry, source };
  const kind = stringOf(source['type']) ?? '';
  switch (kind) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: textIn(source, 'text'), ...place };
    case 'refusal':
      return { type: 'refusal', text: textIn(source, 'refusal'), ...place };
    case 'input_image':
    case 'computer_screenshot': {
      const { image_url: url, file_id: fileId, detail } = source;
      return { type: 'image', url: stringOf(url), fileId: stringOf(fileId), detail: stringOf(detail), ...place };
    }
    case 'input_file': {
      const { file_data: data, file_url: url, file_id: fileId, filename: name } = source;
      const bytes = { data: stringOf(data), url: stringOf(url) };
      return { type: 'file', ...bytes, fileId: stringOf(fileId), name: stringOf(name), ...place };
    }
    case 'input_audio': {
      const audio = recordOf(source['input_audio']);
      return { type: 'audio', data: textIn(audio, 'data'), format: stringOf(audio['format']) ?? 'wav', ...place };
    }
    default:
      return { type: 'other', kind, ...place };
  }
}

function textIn(record: JsonRecord, name: string): string {
  return stringOf(record[name]) ?? '';
}

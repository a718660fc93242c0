import { type Content, type ContentPart, partsOf } from '../../protocol/chat.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, recordOf, stringOf } from '../../protocol/json.ts';

/** One entry of `contents[].parts`. */
export type GeminiPart = JsonRecord;

/**
 * OpenAI's content as Gemini's parts; empty texts are left out.
 * @param path where the content stands in the request, for the error
 * @throws GatewayError 400 for a part that Gemini has no form for
 */
export function toParts(content: Content | null | undefined, path: string): GeminiPart[] {
  return partsOf(content)
    .map((part, index) => toPart(part, `${path}[${index}]`))
    .filter((part) => part['text'] !== '');
}

function toPart(part: ContentPart, path: string): GeminiPart {
  const body = Object.hasOwn(part, part.type) ? recordOf(part[part.type]) : {};
  switch (part.type) {
    case 'text':
      return { text: stringOf(part['text']) ?? '' };
    case 'refusal':
      return { text: stringOf(part['refusal']) ?? '' };
    case 'image_url':
      return toMedia(stringOf(body['url']) ?? '', 'image/jpeg', path);
    case 'video_url':
      return toMedia(stringOf(body['url']) ?? '', 'video/mp4', path);
    case 'input_audio':
      return toAudio(body, path);
    case 'file':
      return toFile(body, path);
    default:
      throw unusable(path, `a content part of type '${part.type}'`, 'Send text, image_url, input_audio or file.');
  }
}

function toAudio(audio: JsonRecord, path: string): GeminiPart {
  const data = stringOf(audio['data']) ?? '';
  const mimeType = `audio/${stringOf(audio['format']) ?? 'wav'}`;
  return data.startsWith('data:') ? toMedia(data, mimeType, path) : { inlineData: { mimeType, data } };
}

function toFile(file: JsonRecord, path: string): GeminiPart {
  const data = stringOf(file['file_data']);
  const fallbackType = typeOfName(stringOf(file['filename']) ?? '') ?? 'application/pdf';
  if (data)
    return isAddress(data) ? toMedia(data, fallbackType, path) : { inlineData: { mimeType: fallbackType, data } };
  const id = stringOf(file['file_id']) ?? '';
  if (isAddress(id) || id.startsWith('files/')) return toMedia(id, fallbackType, path);
  throw unusable(path, `the file_id '${id}'`, 'Gemini reads no files of other providers: send file_data instead.');
}

function isAddress(text: string): boolean {
  return /^(?:data|https?|gs):/i.test(text);
}

function toMedia(url: string, fallbackType: string, path: string): GeminiPart {
  if (/^data:/i.test(url)) return { inlineData: readDataUrl(url, fallbackType, path) };
  if (!isAddress(url) && !url.startsWith('files/')) {
    throw unusable(path, `the address '${url.slice(0, 100)}'`, 'Send a data: or https: URL.');
  }
  const fileUri = url.startsWith('files/') ? `https://generativelanguage.googleapis.com/v1beta/${url}` : url;
  // Google finds out the type of a YouTube video by itself.
  if (/^https?:\/\/(?:(?:www|m)\.)?(?:youtube\.com|youtu\.be)\//i.test(url)) return { fileData: { fileUri } };
  return { fileData: { mimeType: typeOfName(url) ?? fallbackType, fileUri } };
}

/** What stands before the comma of a data URL. */
const MAX_TYPE_CHARS = 1000;

/** Pictures that are text (SVG) are not base64, and far shorter. */
const MAX_ESCAPED_CHARS = 4 * 1024 * 1024;

/** RFC 2397, with its parameters and its percent-encoding, as Gemini wants it: a bare type and base64. */
function readDataUrl(url: string, fallbackType: string, path: string): JsonRecord {
  const comma = url.slice(0, MAX_TYPE_CHARS).indexOf(',');
  if (comma < 0) throw unusable(path, 'a data URL without a comma', "Write 'data:<type>;base64,<data>'.");
  const head = url.slice('data:'.length, comma).toLowerCase();
  const type = head.split(';', 1)[0]?.trim();
  const payload = url.slice(comma + 1);
  const mimeType = type === 'image/jpg' ? 'image/jpeg' : type || fallbackType;
  if (!/;\s*base64\s*(?:;|$)/.test(head)) {
    if (payload.length > MAX_ESCAPED_CHARS) throw unusable(path, 'a data URL so long', 'Write it in base64.');
    return { mimeType, data: unescapeBytes(payload).toString('base64') };
  }
  return { mimeType, data: payload.includes('%') ? unescapeBytes(payload).toString('latin1') : payload };
}

const PERCENT = 0x25;
/** The value of a byte as a hexadecimal digit; -1 for what is none. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-f]/i.test(String.fromCharCode(byte)) ? Number.parseInt(String.fromCharCode(byte), 16) : -1,
);

/** In place and byte by byte: a replacement for each of six million escapes would take a second. */
function unescapeBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (!text.includes('%')) return bytes;
  let to = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const high = byte === PERCENT ? (HEX_DIGITS[bytes[at + 1] ?? 0] ?? -1) : -1;
    const low = high < 0 ? -1 : (HEX_DIGITS[bytes[at + 2] ?? 0] ?? -1);
    bytes[to++] = low < 0 ? byte : high * 16 + low;
    if (low >= 0) at += 2;
  }
  return bytes.subarray(0, to);
}

const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    png: 'image/png',
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    webp: 'image/webp',
    gif: 'image/gif',
    heic: 'image/heic',
    heif: 'image/heif',
    pdf: 'application/pdf',
    txt: 'text/plain',
    md: 'text/markdown',
    html: 'text/html',
    csv: 'text/csv',
    json: 'application/json',
    mp3: 'audio/mp3',
    wav: 'audio/wav',
    ogg: 'audio/ogg',
    flac: 'audio/flac',
    aac: 'audio/aac',
    mp4: 'video/mp4',
    mov: 'video/quicktime',
    webm: 'video/webm',
  }),
);

/** The type that the ending of a file name or of a URL's path stands for. */
function typeOfName(name: string): string | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name.replace(/[?#].*$/s, ''))?.[1]?.toLowerCase();
  return TYPES.get(ending ?? '') ?? null;
}

function unusable(path: string, what: string, remedy: string): GatewayError {
  return new GatewayError('invalid_value', `Gemini cannot read ${what} in ${path}. ${remedy}`, { param: path });
}

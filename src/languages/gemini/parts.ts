import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import type { AudioPart, FilePart, ImagePart, ModelPart, OtherPart } from '../../protocol/model-message.ts';
import type { RequestOrigin } from '../../protocol/model-request.ts';

/** One entry of `contents[].parts`. */
export type GeminiPart = JsonRecord;

/**
 * The content of a message as Gemini's parts; empty texts are left out, calls and thoughts are said elsewhere.
 * @throws GatewayError 400 for a part that Gemini has no form for
 */
export function toParts(parts: readonly ModelPart[], origin: RequestOrigin): GeminiPart[] {
  const said: GeminiPart[] = [];
  for (const part of parts) {
    if (part.type === 'call' || part.type === 'reasoning' || part.type === 'carried') continue;
    if (part.type === 'text' || part.type === 'refusal') {
      if (part.text !== '') said.push({ text: part.text });
    } else said.push(toMediaPart(part, origin));
  }
  return said;
}

type MediaPart = Exclude<ModelPart, { readonly type: 'text' | 'refusal' | 'call' | 'reasoning' | 'carried' }>;

function toMediaPart(part: MediaPart, origin: RequestOrigin): GeminiPart {
  const path = origin.pathOf(part);
  switch (part.type) {
    case 'image':
      return toImage(part, path, origin);
    case 'video':
      return toMedia(part.url, 'video/mp4', path);
    case 'audio':
      return toAudio(part, path);
    case 'file':
      return toFile(part, path);
    case 'other':
      throw unknownType(part, path, origin);
    default:
      return part satisfies never;
  }
}

function unknownType({ kind }: OtherPart, path: string, origin: RequestOrigin): GatewayError {
  const [text, image, audio, file] = (['text', 'image', 'audio', 'file'] as const).map((type) =>
    origin.typeOf({ type }),
  );
  return unusable(path, `a content part of type '${kind}'`, `Send ${text}, ${image}, ${audio} or ${file}.`);
}

function toImage({ type, url, fileId }: ImagePart, path: string, origin: RequestOrigin): GeminiPart {
  if (url === null && fileId !== null) throw foreignFile(path, fileId, `${origin.typeOf({ type })} with a data: URL`);
  return toMedia(url ?? '', 'image/jpeg', path);
}

function toAudio({ data, format }: AudioPart, path: string): GeminiPart {
  const mimeType = `audio/${format}`;
  return data.startsWith('data:') ? toMedia(data, mimeType, path) : { inlineData: { mimeType, data } };
}

function toFile({ data, url, fileId, name }: FilePart, path: string): GeminiPart {
  const fallbackType = typeOfName(name ?? '') ?? 'application/pdf';
  if (data)
    return isAddress(data) ? toMedia(data, fallbackType, path) : { inlineData: { mimeType: fallbackType, data } };
  const address = url ?? fileId ?? '';
  if (url !== null || isAddress(address) || address.startsWith('files/')) return toMedia(address, fallbackType, path);
  throw foreignFile(path, address, 'file_data');
}

function foreignFile(path: string, id: string, instead: string): GatewayError {
  const remedy = `Gemini reads no files of other providers: send ${instead} instead.`;
  return unusable(path, `the file_id '${id}'`, remedy);
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

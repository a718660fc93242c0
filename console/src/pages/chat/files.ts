import type { Attachment } from '../../answer/question.ts';

/** What models read. */
const ACCEPTED = 'image/png,image/jpeg,image/webp,image/gif,application/pdf';

/** A picture is made smaller until its longer side is this: models see no more. */
const MAX_SIDE = 2048;
/** As text it is a third longer, and a gateway reads 20 MB at most where nothing else is set. */
const MAX_BYTES = 14 * 1024 * 1024;

/** What came of files: those that can be sent, and what is wrong with the others. */
export interface ReadFiles {
  readonly attachments: readonly Attachment[];
  readonly problems: readonly string[];
}

/** Reads files as data URLs, pictures made smaller. */
export async function readFiles(files: readonly File[]): Promise<ReadFiles> {
  const read = await Promise.all(files.map(readFile));
  return {
    attachments: read.filter((one) => typeof one !== 'string'),
    problems: read.filter((one) => typeof one === 'string'),
  };
}

async function readFile(file: File): Promise<Attachment | string> {
  const name = file.name || 'Pasted picture';
  if (!ACCEPTED.split(',').includes(file.type))
    return `${name} is ${file.type || 'of an unknown kind'}; PNG, JPEG, WebP, GIF and PDF can be sent.`;
  if (file.size > MAX_BYTES)
    return `${name} has ${toMegabytes(file.size)} MB; at most ${toMegabytes(MAX_BYTES)} MB can be sent.`;
  try {
    const isPicture = file.type.startsWith('image/');
    const blob = isPicture ? await scaled(file) : file;
    return { kind: isPicture ? 'image' : 'file', name, url: await toDataUrl(blob) };
  } catch {
    return `${name} could not be read: it is not the picture or file that it says it is.`;
  }
}

/** A smaller picture of a large one; a small one, and a GIF, which may move, as they are. */
async function scaled(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const factor = MAX_SIDE / Math.max(picture.width, picture.height);
  if (factor >= 1 || file.type === 'image/gif') return file;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * factor);
  canvas.height = Math.round(picture.height * factor);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('No picture came of it.')) : resolve(blob)),
      file.type,
      0.9,
    );
  });
}

function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function toMegabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}

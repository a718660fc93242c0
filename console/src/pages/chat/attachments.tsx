import { useEffect, useState } from 'preact/hooks';
import type { Attachment } from '../../answer/question.ts';
import { Icon } from '../../parts/icons.tsx';
import type { ReadFiles } from './files.ts';

/** The files of a question that is being written. */
export interface Files {
  readonly attachments: readonly Attachment[];
  /** What could not be taken, and why. */
  readonly problems: readonly string[];
  /** More are coming: they were added and are not read yet. */
  readonly isReading: boolean;
  add(files: readonly File[]): void;
  remove(at: number): void;
  replace(attachments: readonly Attachment[]): void;
  /** Takes what was pasted or dropped, where there are files in it; the event is done with then. */
  take(data: DataTransfer | null, event: Event): void;
}

/** Files that are picked, pasted, or dropped anywhere on the page. */
export function useFiles(initial: readonly Attachment[]): Files {
  const [attachments, setAttachments] = useState(initial);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [reading, setReading] = useState(0);
  const add = async (files: readonly File[]): Promise<void> => {
    setReading((before) => before + 1);
    const read = await readLater(files);
    setAttachments((before) => [...before, ...read.attachments]);
    setProblems(read.problems);
    setReading((before) => before - 1);
  };
  const take = (data: DataTransfer | null, event: Event): void => {
    if (data === null || data.files.length === 0) return;
    event.preventDefault();
    void add([...data.files]);
  };
  useDropped(take);
  return {
    attachments,
    problems,
    isReading: reading > 0,
    add: (files) => void add(files),
    remove: (at) => setAttachments((before) => before.filter((_one, index) => index !== at)),
    replace: (next) => {
      setAttachments(next);
      setProblems([]);
    },
    take,
  };
}

/** Most questions have no files: what reads them is loaded with the first. */
async function readLater(files: readonly File[]): Promise<ReadFiles> {
  try {
    const { readFiles } = await import('./files.ts');
    return await readFiles(files);
  } catch {
    const problem = 'No file was added: a part of the page could not be loaded.';
    return { attachments: [], problems: [problem] };
  }
}

function useDropped(take: Files['take']): void {
  useEffect(() => {
    // Without this the browser would leave the page and show the file.
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    const drop = (event: DragEvent): void => take(event.dataTransfer, event);
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, []);
}

/** What will be sent with the question, each with a button that takes it away. */
export function Attachments({ files: { attachments, problems, isReading, remove } }: { readonly files: Files }) {
  return (
    <>
      {attachments.length > 0 && (
        <ul class="files" aria-label="Files of the question">
          {attachments.map(({ kind, name, url }, at) => (
            <li key={`${at}-${name}`} class="chip">
              {kind === 'image' && <img src={url} alt="" />}
              {name}
              <button class="button plain" type="button" aria-label={`Remove ${name}`} onClick={() => remove(at)}>
                <Icon name="cross" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {isReading && (
        <p class="quiet" role="status">
          Reading files …
        </p>
      )}
      {problems.map((problem) => (
        <p key={problem} class="problem" role="alert">
          {problem}
        </p>
      ))}
    </>
  );
}

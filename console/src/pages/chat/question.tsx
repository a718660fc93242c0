import type { ComponentChildren } from 'preact';
import type { Unsent } from '../../answer/conversation.ts';
import type { Attachment, Question } from '../../answer/question.ts';
import { Problem } from '../../parts/states.tsx';

interface AskedProps {
  readonly question: Question;
  /** What can be done with it. */
  readonly actions?: ComponentChildren;
}

/** What the reader asked, with its pictures and files. */
export function AskedMessage({ question: { text, files }, actions }: AskedProps) {
  return (
    <article class="message asked" aria-label="You" tabIndex={-1}>
      {files.length > 0 && (
        <div class="files">
          {files.map((file, at) => (
            <FileView key={at} file={file} />
          ))}
        </div>
      )}
      {text !== '' && <p>{text}</p>}
      {actions}
    </article>
  );
}

function FileView({ file: { kind, name, url } }: { readonly file: Attachment }) {
  if (kind === 'image' && url.startsWith('data:image/')) return <img class="picture" src={url} alt={name} />;
  return <span class="chip">{name}</span>;
}

interface UnsentProps {
  readonly unsent: Unsent;
  readonly retry: () => void;
}

/** A question that the gateway did not take. */
export function UnsentMessage({ unsent: { asked, error, isAnswered }, retry }: UnsentProps) {
  return (
    <>
      <AskedMessage question={asked.question} />
      <Problem message={`${isAnswered ? 'Not kept' : 'Not sent'}: ${error.message}`} error={error} retry={retry} />
    </>
  );
}

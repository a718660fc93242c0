import { useRef, useState } from 'preact/hooks';
import { readAskedModel } from '../../answer/asked-model.ts';
import { beginVersion, branchAfter } from '../../answer/begin-version.ts';
import type { Asked, Conversation } from '../../answer/conversation.ts';
import type { Said } from '../../answer/said.ts';
import { versionsAt } from '../../answer/versions.ts';
import { go, href } from '../../app/router.ts';
import type { ApiError } from '../../feed/client.ts';
import { later } from '../../parts/later.tsx';
import { chosenId } from './choice.ts';
import { keepSettings, settingsOf } from './kept-settings.ts';

const AgainDialog = later(async () => (await import('./again-dialog.tsx')).AgainDialog);

interface VersionActionsProps {
  readonly conversation: Conversation;
  readonly answer: Said;
  /** What it answers; null where that is not on the page. */
  readonly question: Said | null;
}

/** Below an answer: its versions, and what else can be made of it. Everything new is a conversation of its own. */
export function VersionActions({ conversation, answer, question }: VersionActionsProps) {
  const [problem, setProblem] = useState<string | null>(null);
  /** Which model the dialog begins with; null while it is closed. */
  const [asking, setAsking] = useState<string | null>(null);
  const isBusy = useRef(false);
  const attempt = (work: () => Promise<void>): void => {
    // A second click would make, and pay for, a second one.
    if (isBusy.current) return;
    isBusy.current = true;
    setProblem(null);
    work()
      .catch((error: ApiError) => setProblem(`Nothing was changed: ${error.message}`))
      .finally(() => {
        isBusy.current = false;
      });
  };
  const settings = settingsOf(conversation.id);
  const again = async (asked: Pick<Asked, 'model' | 'settings'>): Promise<void> => {
    if (question !== null) await askInstead(conversation, question, { question, ...asked });
  };
  const readModel = (): Promise<string> => readAskedModel(answer, chosenId.peek());
  const isKnown = (answer.origin ?? answer.turn?.model ?? chosenId.value) !== null;
  return (
    <>
      <div class="after">
        {question && <Versions conversation={conversation} question={question} />}
        {question?.before && isKnown && (
          <>
            <button
              class="button plain"
              type="button"
              onClick={() => attempt(async () => again({ model: await readModel(), settings: settings.peek() }))}
            >
              {answer.turn?.phase === 'failed' ? 'Try again' : 'Again'}
            </button>
            <button
              class="button plain"
              type="button"
              aria-haspopup="dialog"
              onClick={() => attempt(async () => setAsking(await readModel()))}
            >
              Again with …
            </button>
          </>
        )}
        {answer.id && (
          <button class="button plain" type="button" onClick={() => attempt(() => openBranch(conversation, answer))}>
            Branch
          </button>
        )}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
      {asking !== null && (
        <AgainDialog
          model={asking}
          settings={settings.peek()}
          onAsk={(asked) => attempt(() => again(asked))}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}

/** `‹ 2/3 ›`, each way a link; nothing where there is one version. */
export function Versions({
  conversation,
  question,
}: Pick<VersionActionsProps, 'conversation'> & { readonly question: Said }) {
  const versions = versionsAt(conversation.family.value, conversation.id, question.before);
  const at = versions.indexOf(conversation.id);
  if (versions.length < 2) return null;
  return (
    <nav class="versions" aria-label="Versions">
      <Step to={versions[at - 1]} label={`Version ${at} of ${versions.length}`} sign="‹" />
      <span aria-current="page">
        {at + 1}/{versions.length}
      </span>
      <Step to={versions[at + 1]} label={`Version ${at + 2} of ${versions.length}`} sign="›" />
    </nav>
  );
}

interface StepProps {
  readonly to: string | undefined;
  readonly label: string;
  readonly sign: string;
}

function Step({ to, label, sign }: StepProps) {
  if (to === undefined)
    return (
      <span class="step quiet" aria-hidden="true">
        {sign}
      </span>
    );
  return (
    <a class="step" href={href(`/c/${to}`)} aria-label={label}>
      {sign}
    </a>
  );
}

/** Asks in the place of a question, and goes there. @throws ApiError */
export async function askInstead(conversation: Conversation, instead: Said, asked: Asked): Promise<void> {
  const { id } = await beginVersion(conversation, instead, asked);
  keepSettings(id, asked.settings);
  go(`/c/${id}`);
}

async function openBranch(conversation: Conversation, answer: Said): Promise<void> {
  const id = await branchAfter(conversation, answer);
  keepSettings(id, settingsOf(conversation.id).peek());
  go(`/c/${id}`);
}

import { useEffect, useState } from 'preact/hooks';
import { picked } from '../../answer/picked-model.ts';
import { keepDraft, readDraft } from '../../app/drafts.ts';
import { go, href, place, withQuery } from '../../app/router.ts';
import { listModels } from '../../feed/figures.ts';
import type { LoneQuestion } from '../../feed/lone-question.ts';
import { usePoll } from '../../feed/poll.ts';
import type { ModelObject } from '../../feed/wire.ts';
import { later } from '../../parts/later.tsx';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { comparison, isComparing } from './comparison.ts';
import './compare.css';
import { useEstimate } from './estimate.ts';
import { QuestionForm } from './question-form.tsx';
import { Side } from './side.tsx';
import { defaultModels, keepSettings, readSettings, type SideName } from './sides.ts';

/** Reading markdown is most of the program of this page, and the question is written without it. */
const loadAnswers = async () => (await import('./answers.tsx')).Answers;
const loadAsking = () => import('./asking.ts');
const Answers = later(loadAnswers);

/** One question to two models, side by side: `/compare?a=MODEL&b=MODEL&prompt=TEXT` fills it in, and sends nothing. */
export function ComparePage() {
  const { data: models, error, isSlow, reload } = usePoll(listModels, 'models', null);
  return (
    <>
      <h1>Compare</h1>
      {models === null && error === null && <Skeleton rows={5} isSlow={isSlow} retry={reload} />}
      {models === null && error !== null && <Problem message={error.message} error={error} retry={reload} />}
      {models?.length === 0 && <Empty>Your key may use no model. Its owner can change that.</Empty>}
      {models !== null && models.length > 0 && <Bench models={models} />}
    </>
  );
}

function Bench({ models }: { readonly models: readonly ModelObject[] }) {
  const { question, write } = useQuestion();
  // It is there when the first word is. What cannot be loaded now is loaded when it is needed, or says so then.
  useEffect(() => void loadAnswers().catch(() => {}), []);
  const [isBlind, setBlind] = useState(comparison.peek()?.isBlind ?? false);
  const usual = defaultModels(models, picked.value);
  const a = useSide('a', usual.a, question);
  const b = useSide('b', usual.b, question);
  const estimates = [useEstimate(a.asked), useEstimate(b.asked)] as const;
  const names = models.map(({ id }) => id);
  const [hasFailed, setFailed] = useState(false);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (question.trim() === '') return;
    try {
      const { compare } = await loadAsking();
      // It may have been asked for twice meanwhile.
      if (!isComparing()) compare([a.asked, b.asked], isBlind);
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      <form class="bench" onSubmit={send}>
        <div class="sides">
          <Side title="First" models={names} estimate={estimates[0]} {...a.side} />
          <Side title="Second" models={names} estimate={estimates[1]} {...b.side} />
        </div>
        <QuestionForm
          question={question}
          isBlind={isBlind}
          estimates={estimates}
          onQuestion={write}
          onBlind={setBlind}
        />
      </form>
      {hasFailed && <Problem message={NOT_LOADED} retry={() => location.reload()} />}
      {comparison.value === null ? <Nothing names={names} /> : <Answers comparison={comparison.value} />}
    </>
  );
}

const NOT_LOADED = 'Nothing was sent: a part of the page could not be loaded. The gateway is away, or was updated.';

/** What is written: from the address, else what was written last: answers are gone with a reload, and their question is not. */
function useQuestion() {
  const given = place.value.query.get('prompt');
  const [question, setQuestion] = useState(given ?? (readDraft('compare') || (comparison.peek()?.question ?? '')));
  useEffect(() => {
    if (given !== null) setQuestion(given);
  }, [given]);
  const write = (text: string): void => {
    setQuestion(text);
    keepDraft('compare', text);
    // What is written now counts, after a reload too.
    if (given !== null) go(withQuery({ prompt: null }), true);
  };
  return { question, write };
}

/** One side: its model is in the address, its settings are kept as drafts are. */
function useSide(name: SideName, usual: string, question: string) {
  const model = place.value.query.get(name) || usual;
  const [settings, setSettings] = useState(() => readSettings(name));
  const asked: LoneQuestion = { model, question, settings };
  const side = {
    model,
    settings,
    onModel: (next: string) => go(withQuery({ [name]: next }), true),
    onSettings: (next: typeof settings) => {
      setSettings(next);
      keepSettings(name, next);
    },
  };
  return { asked, side };
}

function Nothing({ names }: { readonly names: readonly string[] }) {
  const example = new URLSearchParams({ a: 'demo', b: 'demo:slow', prompt: 'What are you?' });
  return (
    <Empty>
      Ask one question, and read both answers side by side, with what they took and cost. Nothing is kept until you
      continue with one of them.{' '}
      {names.includes('demo') && names.includes('demo:slow') && (
        <a href={href(`/compare?${example}`)}>Fill in an example that needs no key</a>
      )}
    </Empty>
  );
}

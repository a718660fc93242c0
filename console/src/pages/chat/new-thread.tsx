import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Asked, Unsent } from '../../answer/conversation.ts';
import { beginConversation } from '../../answer/open-conversations.ts';
import { NO_SETTINGS } from '../../answer/settings.ts';
import { go, place } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import type { ApiError } from '../../feed/client.ts';
import { Composer } from './composer.tsx';
import { keepSettings } from './kept-settings.ts';
import { AskedMessage, UnsentMessage } from './question.tsx';
import { DemoStrip, Starters } from './starters.tsx';

/** Before anything was said. @param opener what opens the list, where that is not beside it */
export function NewThread({ opener }: { readonly opener: VNode | null }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [unsent, setUnsent] = useState<Unsent | null>(null);
  const beginning = useRef<AbortController | null>(null);
  const begin = async (next: Asked): Promise<boolean> => {
    if (beginning.current !== null) return false;
    const leaving = new AbortController();
    beginning.current = leaving;
    setAsked(next);
    setUnsent(null);
    try {
      const { id } = await beginConversation(next, leaving.signal);
      keepSettings(id, next.settings);
      keepSettings('new', NO_SETTINGS);
      // Another page may be looked at by now: the conversation is in the list.
      if (place.peek().path === '/') go(`/c/${id}`);
      return true;
    } catch (error) {
      if (!leaving.signal.aborted) setUnsent({ asked: next, error: error as ApiError });
      return false;
    } finally {
      beginning.current = null;
      setAsked(null);
    }
  };
  const isDemo = viewer.value?.demo_only === true;
  return (
    <div class="talk fresh">
      <div class="heading head">
        {opener}
        <h1>What would you like to know?</h1>
      </div>
      {isDemo && <Starters onAsk={(question) => void begin(question)} />}
      {asked && <AskedMessage question={asked.question} />}
      {unsent && <UnsentMessage unsent={unsent} retry={() => void begin(unsent.asked)} />}
      <div class="dock">
        <Composer
          thread="new"
          tokensBefore={0}
          isAnswering={asked !== null}
          unsent={unsent}
          onSend={begin}
          onStop={() => beginning.current?.abort()}
        />
      </div>
      {/* Last, so that a small screen has the starters and the box without scrolling. */}
      {isDemo && <DemoStrip missing={viewer.value?.missing_keys ?? []} />}
    </div>
  );
}

import { href } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { listAllModels } from '../../feed/figures.ts';
import { usePoll } from '../../feed/poll.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Empty } from '../../parts/states.tsx';
import { curlOf, firstToTry } from './first-call.ts';

/** What to do while there is no call: the command asks a model that this key may ask. */
export function NoCalls() {
  const { data: models } = usePoll(listAllModels, 'models', null);
  const model = firstToTry(models ?? []);
  return (
    <Empty>
      No calls yet. <a href={href('/')}>Send one from Chat</a>
      {model === null ? '.' : <Command text={curlOf(location.origin, model, viewer.value?.auth === 'keys')} />}
    </Empty>
  );
}

function Command({ text }: { readonly text: string }) {
  return (
    <>
      , or copy this: <code>{text}</code> <CopyButton text={text} name="Copy" isPlain={false} />
    </>
  );
}

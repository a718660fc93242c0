import { href } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { Empty } from '../../parts/states.tsx';

/** Said in place of the chat where there can be none. @param missing routes that the key is not granted; none where the gateway keeps no conversations */
export function NotKept({ missing }: { readonly missing: readonly string[] }) {
  return (
    <>
      <h1>Chat</h1>
      {missing.length === 0 ? <Off /> : <NotGranted missing={missing} />}
    </>
  );
}

function Off() {
  return (
    <Empty>
      This gateway keeps no conversations (<code>responses.store</code> is off), and Chat needs them. The API answers
      without, and so does <a href={href('/compare')}>Compare</a>.
    </Empty>
  );
}

function NotGranted({ missing }: { readonly missing: readonly string[] }) {
  const canCompare = viewer.value?.routes.includes('chat') === true;
  return (
    <Empty>
      Chat needs what your key is not granted, the {missing.length === 1 ? 'route' : 'routes'}{' '}
      <code>{missing.join(', ')}</code>. Whoever manages the key can grant {missing.length === 1 ? 'it' : 'them'}.
      {canCompare && (
        <>
          {' '}
          <a href={href('/compare')}>Compare</a> answers without.
        </>
      )}
    </Empty>
  );
}

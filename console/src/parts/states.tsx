import type { ComponentChildren } from 'preact';
import type { ApiError } from '../feed/client.ts';

/** The shape of what is on its way. */
export function Skeleton({ rows, isSlow = false, retry }: { rows: number; isSlow?: boolean; retry?: () => void }) {
  return (
    <div aria-busy="true">
      {Array.from({ length: rows }, (_row, at) => (
        <div key={at} class={at === 0 ? 'skeleton skeleton-title' : 'skeleton'} />
      ))}
      <p class="quiet" role="status">
        {isSlow ? 'Still loading.' : <span class="hidden">Loading</span>}{' '}
        {isSlow && retry && (
          <button class="button" type="button" onClick={retry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}

/** Nothing to show: one sentence, and what to do. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** What went wrong, in the gateway's own words, with what is needed to ask about it. */
export function Problem({ message, error, retry }: { message: string; error?: ApiError; retry: () => void }) {
  return (
    <div class="notice error" role="alert">
      <p>{message}</p>
      {(error?.code || error?.requestId) && (
        <p class="quiet">
          {error.code && <code>{error.code}</code>}
          {error.code && error.requestId && ' · '}
          {error.requestId && (
            <>
              request <code>{error.requestId}</code>
            </>
          )}
        </p>
      )}
      <button class="button" type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

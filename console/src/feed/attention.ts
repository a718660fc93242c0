import { signal } from '@preact/signals';

/** A page that was out of sight for so long keeps no connection open: a browser has six of them for all its tabs. */
const REST_MS = 10_000;

/** Whether the page has been out of sight for ten seconds; false again as soon as it is looked at. */
export const isResting = signal(document.hidden);

let timer: ReturnType<typeof setTimeout> | undefined;

document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (!document.hidden) isResting.value = false;
  else
    timer = setTimeout(() => {
      isResting.value = true;
    }, REST_MS);
});

import type { ApiOperation } from './operation.ts';

/** The index, the console's files, and the session of its browser. */
export const CONSOLE_OPERATIONS: readonly ApiOperation[] = [
  {
    route: 'GET /',
    summary: 'What is here; a browser is led to the console.',
    answer: { media: 'application/json' },
    isOpen: true,
  },
  { route: 'GET /console', summary: 'The console in the browser.', answer: { media: 'text/html' }, isOpen: true },
  { route: 'GET /console/:file', summary: 'A file or a page of it.', answer: { media: 'text/html' }, isOpen: true },
  { route: 'POST /console/session', summary: 'Signs a browser in with its key.', answer: 'Session' },
  { route: 'DELETE /console/session', summary: 'Signs it out.', answer: 'SessionEnded', isOpen: true },
];

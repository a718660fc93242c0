/** A provider that reads what it is sent and gives a short answer in the language of the path, without usage. */
import { reportPort, startProvider } from '../../lab/provider.ts';
import { shortAnswer } from '../../lab/wire-answers.ts';

// Without usage: the gateway has to estimate it, which is work on the whole request.
reportPort(await startProvider(({ path }) => shortAnswer(path, false, false)));

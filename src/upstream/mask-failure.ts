import { AttemptError } from '../protocol/failure.ts';
import { maskSecrets } from '../protocol/secrets.ts';
import { type Provider, secretsOf } from '../providers/provider.ts';

/** A failure as it may be shown: providers, and proxies before them, repeat in their errors what was sent to them. */
export function maskFailure(error: unknown, provider: Provider): unknown {
  if (!(error instanceof AttemptError)) return error;
  const secrets = secretsOf(provider);
  const mask = (text: string | null): string | null => text && maskSecrets(text, secrets);
  const { message, param, code } = error.failure;
  const shown = { message: mask(message) ?? '', param: mask(param), code: mask(code) };
  if (shown.message === message && shown.param === param && shown.code === code) return error;
  return new AttemptError({ ...error.failure, ...shown }, error.cause);
}

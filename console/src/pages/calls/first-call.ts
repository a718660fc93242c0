import type { ModelDetails } from '../../feed/wire.ts';

type Asked = Pick<ModelDetails, 'id' | 'kind' | 'available'>;

/** A model for a first call: the demo, which costs nothing, else the first that chats and can be asked; null where none can. */
export function firstToTry(models: readonly Asked[]): string | null {
  const chatting = models.filter(({ kind, available }) => kind === 'chat' && available);
  return (chatting.find(({ id }) => id === 'demo') ?? chatting[0])?.id ?? null;
}

/** A command that asks a model, for a shell; it names the variable of the key and never the key. @param origin of the gateway */
export function curlOf(origin: string, model: string, withKey: boolean): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const key = withKey ? '-H "authorization: Bearer $SLUICE_API_KEY" ' : '';
  return `curl ${origin}/v1/chat/completions ${key}-d '${body.replaceAll("'", "'\\''")}'`;
}

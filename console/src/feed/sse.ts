import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The server-sent events of a response, as they come; a reader that stops early lets the connection go. */
export async function* readEvents({ body }: Response): AsyncGenerator<EventSourceMessage> {
  if (body === null) return;
  const found: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => found.push(event) });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(value);
      yield* found.splice(0);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The data of the events of an answer, each read as JSON, but for its `[DONE]`. */
export async function* jsonEvents<T>(response: Response): AsyncGenerator<T> {
  for await (const { data } of readEvents(response)) if (data !== '[DONE]') yield JSON.parse(data) as T;
}

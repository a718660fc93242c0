const WORDS = ' alpha beta gamma delta epsilon zeta eta theta'.split(/(?= )/);
const wordAt = (index: number): string => WORDS[index % WORDS.length] ?? '';

const base = { id: 'chatcmpl-bench', created: 1_790_000_000, model: 'bench', system_fingerprint: null };

/** The events of a chat stream of so many words; the last one holds everything that ends it. */
export function chatEvents(count: number): readonly string[] {
  const words = Array.from({ length: count }, (_, index) =>
    chatEvent(choice(index === 0 ? { role: 'assistant', content: wordAt(0) } : { content: wordAt(index) })),
  );
  return [...words, `${chatEvent(choice({}, 'stop'))}${chatEvent([], { usage: usageOf(count) })}data: [DONE]\n\n`];
}

/** The events of a Gemini stream of so many words, and one that ends it. */
export function geminiEvents(count: number): readonly string[] {
  return Array.from({ length: count + 1 }, (_, index) => {
    const isLast = index === count;
    const content = { parts: [{ text: isLast ? '' : wordAt(index) }], role: 'model' };
    const usage = { promptTokenCount: 20, candidatesTokenCount: index, totalTokenCount: 20 + index };
    const candidate = { content, index: 0, ...(isLast ? { finishReason: 'STOP' } : {}) };
    const event = { candidates: [candidate], usageMetadata: usage, modelVersion: 'bench', responseId: 'bench' };
    return `data: ${JSON.stringify(event)}\r\n\r\n`;
  });
}

/** A whole chat answer, as JSON. */
export function chatAnswer(): string {
  const message = { role: 'assistant', content: WORDS.join(''), refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  return JSON.stringify({ ...base, object: 'chat.completion', choices, usage: usageOf(WORDS.length) });
}

function chatEvent(choices: readonly object[], rest: object = {}): string {
  return `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...rest })}\n\n`;
}

function choice(delta: object, finish: string | null = null): object[] {
  return [{ index: 0, delta, logprobs: null, finish_reason: finish }];
}

function usageOf(words: number): object {
  return { prompt_tokens: 20, completion_tokens: words, total_tokens: 20 + words };
}

/** The configuration of the measured gateway: the upstream in both languages, with a usage log or without. */
export function gatewaySettings(upstreamUrl: string, isRecorded = true): string {
  return `${isRecorded ? '' : 'usage: { store: none }\n'}providers:
  chat: { kind: openai-compatible, base_url: ${upstreamUrl}/v1 }
  gemini: { kind: gemini, base_url: ${upstreamUrl}/v1beta, api_key: none }
models:
  bench: { provider: chat }
  bench-burst: { provider: chat }
  bench-gemini: { provider: gemini }
  bench-gemini-burst: { provider: gemini }
`;
}

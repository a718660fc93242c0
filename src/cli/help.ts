/** What `sluice --help` prints. */
export const HELP = `Sluice: one OpenAI-compatible endpoint for OpenAI, OpenRouter, Perplexity and Gemini.

  sluice [serve]   run the gateway
  sluice check     validate the configuration and print its models; exits 1 when it has mistakes

  -c, --config FILE      main configuration file     SLUICE_CONFIG   config/gateway.yaml
      --host HOST        address to listen on        HOST            127.0.0.1
  -p, --port PORT        port to listen on           PORT            8080
      --log-level LEVEL  trace, debug, info, warn,   LOG_LEVEL       info
                         error, fatal or silent
  -h, --help             this text
  -v, --version          the version

A flag beats the environment variable beside it, which beats the configuration file.
`;

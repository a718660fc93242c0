/** What `sluice --help` prints. */
export const HELP = `Sluice: one OpenAI-compatible endpoint for OpenAI, OpenRouter, Perplexity and Gemini.

  sluice [serve]     run the gateway
  sluice init [DIR]  write a commented pair of configuration files, into config unless told otherwise; overwrites none
  sluice check       validate the configuration and print its models; exits 1 when it has mistakes
  sluice usage       print what calls came to, from the usage log of this directory; needs no keys
  sluice route "…"   print which model would answer a question, and why; asks nobody
  sluice keys …      make and manage keys in the database of the configuration; needs no keys and no running gateway:
                       create --name NAME [--kind management] [--org ID] [--models LIST] [--routes LIST]
                         [--expires TIME] [--limit USD] [--limit-reset daily|weekly|monthly] [--rpm N] [--tpm N]
                       list [--org ID], show HASH, disable HASH, enable HASH, delete HASH, rotate HASH [--grace 24h],
                       reset HASH [--window day|week|month|total]
  sluice alerts      print alert rules for Prometheus, made from the targets of the configuration; needs no keys

  -c, --config FILE      main configuration file     SLUICE_CONFIG   config/gateway.yaml
                                                             (where that is missing: the package's own)
      --host HOST        address to listen on        HOST            127.0.0.1
  -p, --port PORT        port to listen on           PORT            8080
      --log-level LEVEL  trace, debug, info, warn,   LOG_LEVEL       info
                         error, fatal or silent
      --from, --to TIME  usage: a day such as 2026-11-24 (included), or a time
      --group-by LIST    usage: of hour, day, month, key, key_hash, org, model,
                         provider, outcome; day,model unless told otherwise
      --json             usage, keys: as GET /v1/usage and /v1/keys tell it
  -m, --model NAME       route: the model or group that is asked for; auto unless told otherwise
  -h, --help             this text
  -v, --version          the version

A flag beats the environment variable beside it, which beats the configuration file.
`;

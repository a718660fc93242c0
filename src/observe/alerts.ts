import type { TargetsConfig } from '../config/config.ts';

/** Alert rules for Prometheus, as YAML: one for each target, and for what goes wrong in a gateway. */
export function alertRules(targets: TargetsConfig): string {
  return targetRules(targets) + OPERATIONS;
}

function targetRules({ ttftP95Ms, latencyP50Ms, latencyP95Ms, errorRate, cancelP95Ms }: TargetsConfig): string {
  return `# Alert rules for Prometheus: \`rule_files: [alerts.yaml]\`. \`sluice alerts\` makes this file: the first five are the targets
# of GET /metrics/performance (settings: \`targets\`). The buckets of the histograms end exactly at the default ones, between
# them Prometheus interpolates. Every rule waits a while, so that one bad minute wakes nobody.
groups:
  - name: sluice-targets
    rules:
      - alert: SluiceFirstTokenSlow
        expr: histogram_quantile(0.95, sum by (le) (rate(sluice_time_to_first_token_seconds_bucket[10m]))) > ${ttftP95Ms / 1000}
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: First tokens are slow
          description: The 95th percentile of the time to the first token is {{ $value | humanizeDuration }}; the target is ${durationText(ttftP95Ms)}. Look which model it is in the dashboard, and whether a fallback should serve it.
      - alert: SluiceLatencyMedianHigh
        expr: histogram_quantile(0.5, sum by (le) (rate(sluice_call_duration_seconds_bucket{status="2xx"}[10m]))) > ${latencyP50Ms / 1000}
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: Half of the calls are slow
          description: The median latency of answered calls is {{ $value | humanizeDuration }}; the target is ${durationText(latencyP50Ms)}.
      - alert: SluiceLatencyHigh
        expr: histogram_quantile(0.95, sum by (le) (rate(sluice_call_duration_seconds_bucket{status="2xx"}[10m]))) > ${latencyP95Ms / 1000}
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: Some calls are very slow
          description: The 95th percentile of the latency of answered calls is {{ $value | humanizeDuration }}; the target is ${durationText(latencyP95Ms)}.
      - alert: SluiceErrorRateHigh
        expr: sum(rate(sluice_call_errors_total[10m])) / sum(rate(sluice_calls_total[10m])) >= ${errorRate}
        for: 5m
        labels: { severity: critical }
        annotations:
          summary: Calls fail
          description: "{{ $value | humanizePercentage }} of the calls fail by the fault of a provider or of the gateway; the target is below ${percentOf(errorRate)}. The log names each failed attempt."
      - alert: SluiceCancelSlow
        expr: histogram_quantile(0.95, sum by (le) (rate(sluice_cancel_duration_seconds_bucket[10m]))) >= ${cancelP95Ms / 1000}
        for: 10m
        labels: { severity: warning }
        annotations:
          summary: Cancelled calls go on at the provider
          description: The 95th percentile of the time to close a cancelled call's exchange is {{ $value | humanizeDuration }}; the target is below ${durationText(cancelP95Ms)}. The process may have too little CPU.
`;
}

const OPERATIONS = `
  - name: sluice-operations
    rules:
      - alert: SluiceGone
        expr: absent(sluice_build_info)
        for: 2m
        labels: { severity: critical }
        annotations:
          summary: No Sluice answers
          description: Prometheus has scraped no gateway for two minutes. With client keys, the scrape needs that of an admin.
      - alert: SluiceBreakerOpen
        expr: max by (target) (sluice_breaker_state) == 2
        for: 5m
        labels: { severity: warning }
        annotations:
          summary: A target is left alone
          description: "{{ $labels.target }} has failed again and again, and is asked no more but for a probe now and then."
      - alert: SluiceReloadFailed
        expr: increase(sluice_config_reloads_total{result="failure"}[10m]) > 0
        labels: { severity: warning }
        annotations:
          summary: A changed configuration was refused
          description: The old configuration is still in place. The log, or \`sluice check\`, says what is wrong with the new one.
      - alert: SluiceUsageRecordsLost
        expr: increase(sluice_usage_records_lost_total[10m]) > 0
        labels: { severity: warning }
        annotations:
          summary: Usage is not recorded
          description: "{{ $value | humanize }} records of the usage log were lost. The disk is full, locked or gone; calls are served all the same."
      - alert: SluiceAnswersLost
        expr: increase(sluice_answers_lost_total[10m]) > 0
        labels: { severity: warning }
        annotations:
          summary: Answers are not kept
          description: "{{ $value | humanize }} answers of the Responses API were not kept, and said \`store: false\`. The database is full, locked, slow or gone."
`;

function durationText(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}

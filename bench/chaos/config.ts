const INPUT = { dtype: 'float32', shape: [3] };
const SUMS = { container: 'synthetic', input: INPUT, output: { kind: 'value' } };
const LONG_SLO_MS = 60_000;

/** Nobody changes or kills what `steady` stands on; `churn` is what happens to it; `learn` is taught. */
export const CONFIG = Object.freeze({
  models: [
    { name: 'steady', version: 1, replicas: 2, ...SUMS },
    { name: 'other', version: 1, ...SUMS },
  ],
  apps: [
    { name: 'steady', arms: ['steady'], slo_ms: LONG_SLO_MS, default: -1 },
    { name: 'learn', arms: ['steady', 'other'], policy: 'thompson', slo_ms: LONG_SLO_MS, default: -1 },
  ],
});

/** The same with a model more: what `apply` brings, and takes away again. */
export const CONFIG_WITH_MORE = Object.freeze({ ...CONFIG, models: [...CONFIG.models, { name: 'filed', version: 1, ...SUMS }] });

/** A version of `churn` as admin puts it. */
export function churnVersion(replicas: number, perBatchMs: number): object {
  return { ...SUMS, replicas, cache: { enabled: perBatchMs > 1 }, options: { per_batch_ms: perBatchMs } };
}

export function churnApp(sloMs: number): object {
  return { arms: ['churn'], slo_ms: sloMs, default: -1 };
}

/** What the broker must want of `churn` after all that it has acknowledged. */
export interface Wanted {
  /** version → replicas. */
  readonly versions: ReadonlyMap<number, number>;
  readonly stable: number | undefined;
  /** Absent: there is no app `churn`. */
  readonly sloMs: number | undefined;
  /** Whether the configuration file brought `filed` last. */
  readonly filed: boolean;
}

export const NOTHING_WANTED: Wanted = Object.freeze({ versions: new Map<number, number>(), stable: undefined, sloMs: undefined, filed: false });

interface State {
  readonly models: readonly { readonly spec: { readonly name: string; readonly version: number; readonly replicas?: number } }[];
  readonly labels: Readonly<Record<string, number>>;
  readonly apps: readonly { readonly name: string; readonly slo_ms: number }[];
}

/** The same out of `GET /admin/state`. */
export function wantedIn(body: unknown): Wanted {
  const { models, labels, apps } = body as State;
  return {
    versions: new Map(models.filter(({ spec }) => spec.name === 'churn').map(({ spec }) => [spec.version, spec.replicas ?? 1])),
    stable: labels['churn@stable'],
    sloMs: apps.find(({ name }) => name === 'churn')?.slo_ms,
    filed: models.some(({ spec }) => spec.name === 'filed'),
  };
}

/** One line, the same for equal states. */
export function wantedText({ versions, stable, sloMs, filed }: Wanted): string {
  const list = [...versions].toSorted(([a], [b]) => a - b).map(([version, replicas]) => `churn@${version}×${replicas}`);
  return [...list, `stable ${stable ?? '–'}`, `slo ${sloMs ?? '–'}`, filed ? 'filed' : ''].join(' ').trim();
}

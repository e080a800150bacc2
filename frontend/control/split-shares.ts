/** A version's part of the traffic of its model, in (0, 1]. */
export interface VersionShare {
  readonly version: number;
  readonly share: number;
}

/**
 * What each version gets where the traffic of a model is split by labels: their weights over the labels that are set and whose
 * version is ready, or where none is, over those that are set. The shares sum to 1; none where no label has any traffic.
 *
 * The order is that of the labels' names, with `stable` last: the versions before it take the first part of [0, 1), so that
 * whoever is drawn for a canary at 5 % is drawn for it at 20 % too.
 */
export function splitShares(split: Readonly<Record<string, number>>, labels: Readonly<Record<string, number>>, isReady: (version: number) => boolean): readonly VersionShare[] {
  const set = Object.entries(split).filter(([label, weight]) => weight > 0 && Object.hasOwn(labels, label)).toSorted(byLabel);
  const weighed = set.map(([label, weight]) => ({ version: labels[label] ?? 0, weight }));
  const ready = weighed.filter(({ version }) => isReady(version));
  const open = ready.length === 0 ? weighed : ready;
  const total = open.reduce((sum, { weight }) => sum + weight, 0);
  return open.map(({ version, weight }) => ({ version, share: weight / total }));
}

/** The part that `luck`, uniform in [0, 1), falls into. */
export function shareAt<S extends { readonly share: number }>(shares: readonly S[], luck: number): S | undefined {
  let left = luck;
  for (const one of shares) {
    if (left < one.share) return one;
    left -= one.share;
  }
  return shares.at(-1);
}

function byLabel([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return Number(a === 'stable') - Number(b === 'stable') || (a < b ? -1 : 1);
}

const DEEP = process.env['TRADEWIND_DEEP'] === '1';

/** For `skip` of a test that takes too long for every run: the reason why it is missing anyway, or that .ci/deep runs it. */
export function onlyDeep(missing: string | false): string | false {
  if (missing !== false || DEEP) return missing;
  return 'only with TRADEWIND_DEEP=1: it takes long';
}

/** How often something is done: in .ci/deep, and in every run. */
export function timesDeep(deep: number, quick: number): number {
  return DEEP ? deep : quick;
}

/** Past this exponent a power of ten is no longer a double, only rounded to one. */
export const EXACT_POWER = 22;
/** The largest exponent of the table. */
export const LARGEST_POWER = 80;

/** 10^k for k in 0 … 80, each rounded right; exact up to 10^22. */
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: LARGEST_POWER + 1 }, (_, k) => Number(`1e${k}`));

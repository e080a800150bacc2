/**
 * Lower triangles of symmetric matrices, row by row: entry (i, j), j ≤ i, at i (i + 1) / 2 + j. The factor of a positive
 * definite matrix A = L Lᵀ (Golub and Van Loan, section 4.2), in its place. A pivot that rounding has made negative or
 * tiny is lifted to `least`, which must be below every true pivot: the matrix is then as if regularised there.
 */
export function factorise(matrix: Float64Array, size: number, least: number): void {
  for (let i = 0; i < size; i++) {
    const row = (i * (i + 1)) / 2;
    for (let j = 0; j <= i; j++) {
      const other = (j * (j + 1)) / 2;
      let sum = matrix[row + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (matrix[row + k] ?? 0) * (matrix[other + k] ?? 0);
      matrix[row + j] = j === i ? Math.sqrt(Math.max(sum, least)) : sum / (matrix[other + j] ?? 1);
    }
  }
}

/** Solves L z = x. */
export function solveLower(factor: Float64Array, x: Float64Array, z: Float64Array): void {
  for (let i = 0, at = 0; i < x.length; i++) {
    let sum = x[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (factor[at++] ?? 0) * (z[k] ?? 0);
    z[i] = sum / (factor[at++] ?? 1);
  }
}

/** Solves Lᵀ x = z. */
export function solveUpper(factor: Float64Array, z: Float64Array, x: Float64Array): void {
  for (let i = z.length - 1; i >= 0; i--) {
    let sum = z[i] ?? 0;
    for (let k = i + 1; k < z.length; k++) sum -= (factor[(k * (k + 1)) / 2 + i] ?? 0) * (x[k] ?? 0);
    x[i] = sum / (factor[(i * (i + 1)) / 2 + i] ?? 1);
  }
}

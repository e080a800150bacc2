/** The container did something else than the contract says. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly expected: string;
  readonly came: string;

  constructor(expected: string, came: string) {
    super(`expected ${expected}; came ${came}`);
    this.expected = expected;
    this.came = came;
  }
}

export function expect(holds: boolean, expected: string, came: string): void {
  if (!holds) throw new Failed(expected, came);
}

import { test } from 'node:test';
import { logGamma, stirlingRemainder } from '../../../selection-policies/log-gamma.ts';
import { near } from '../../support/selection.ts';

test('agrees with factorials and with Γ(½) = √π', () => {
  let factorial = 1;
  for (let n = 1; n <= 20; n++) {
    near(logGamma(n), Math.log(factorial), 1e-13 * Math.max(1, Math.log(factorial)));
    factorial *= n;
  }
  near(logGamma(0.5), 0.5 * Math.log(Math.PI), 1e-14);
  near(logGamma(0.01), 4.599479878042022, 1e-13);
});

test('the remainder of Stirling is 1 / 12 z, less and less', () => {
  near(stirlingRemainder(1e6) * 12e6, 1, 1e-12);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSource, firstInputs, type FloatOptions } from '../../../../bench/road/float-source.ts';

const JSON_7: FloatOptions = { host: 'h', path: '/p', form: 'json', features: 8, digits: 7, seed: 1 };
const FORMS: readonly FloatOptions[] = [JSON_7, { ...JSON_7, features: 784, digits: 17 }, { ...JSON_7, form: 'binary', features: 784 }];

for (const options of FORMS) {
  const title = `${options.form} of ${options.features}, ${options.digits} digits`;

  test(`${title}: no two inputs are alike, and all have the right length`, () => {
    const inputs = firstInputs(options, 1000);
    assert.equal(new Set(inputs.map(({ values }) => values.join())).size, 1000);
    for (const { values } of inputs) {
      assert.equal(values.length, options.features);
      assert.ok(values.every((value) => value >= 0 && value < 2));
    }
  });

  test(`${title}: a seed gives the same requests again, another seed others`, () => {
    const bytes = (seed: number): string => Buffer.from(createSource({ ...options, seed }).next(77)).toString('latin1');
    assert.equal(bytes(1), bytes(1));
    assert.notEqual(bytes(1), bytes(2));
  });
}

test('numbers in JSON have the significant digits that were asked for', () => {
  for (const options of FORMS.filter(({ form }) => form === 'json')) {
    for (const { body } of firstInputs(options, 70)) {
      const numbers = /\[(.*)\]/.exec(Buffer.from(body).toString())?.[1]?.split(',') ?? [];
      for (const number of numbers) assert.match(number, new RegExp(`^0\\.[1-9]\\d{${options.digits - 1}}$`));
    }
  }
});

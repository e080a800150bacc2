import fc from 'fast-check';
import type { Dtype } from '../../protos/dtype.ts';
import { DTYPE_BYTES } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';

/** A signature and a predict body that fits it, nearly always; keys in any order, white space anywhere, tensors in any form. */
export interface Document {
  readonly inputs: readonly TensorSpec[];
  readonly text: string;
}

const DTYPES: readonly Dtype[] = ['float32', 'float32', 'float64', 'bfloat16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool', 'bytes'];
const space = fc.constantFrom('', '', '', ' ', '\n  ', '\t\r ');
const name = fc.constantFrom('x', 'image', 'a b', 'é', 'b64', '__proto__', 'inputs', 'q"\\');
const shape = fc.oneof(
  { weight: 1, arbitrary: fc.constant<readonly number[]>([]) },
  { weight: 4, arbitrary: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(-1, 1, 2, 3), { minLength: 1, maxLength: 3 }) },
);
const signature = fc.uniqueArray(fc.record({ name, dtype: fc.constantFrom(...DTYPES), shape, ragged: fc.boolean() }), { selector: (spec) => spec.name, minLength: 1, maxLength: 3 });
const context = fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });

export const documents: fc.Arbitrary<Document> = signature.chain((inputs) => {
  const row = rowOf(inputs);
  const main = fc.oneof(pair('input', row), fc.array(row, { minLength: 1, maxLength: 4 }).chain((rows) => pair('inputs', list(rows.map((text) => fc.constant(text))))));
  const extras = fc.tuple(
    maybe('slo_ms', fc.oneof(fc.integer({ min: 1, max: 1000 }).map(String), fc.constantFrom('1.5', '2e1', '0.5', '"fast"'))),
    maybe('context', context.map((value) => JSON.stringify(value))),
    maybe('version', fc.constantFrom('3', '"stable"', '"3"', '1.0')),
    maybe('model', fc.constantFrom('"digits-mlp"', '"UPPER"')),
    maybe('explain', fc.constantFrom('true', 'false')),
  );
  return fc.tuple(main, extras).chain(([first, others]) => fc.shuffledSubarray([first, ...others.filter((text) => text !== null)], { minLength: 1 }))
    .chain((pairs) => joined('{', pairs.map((text) => fc.constant(text)), '}'))
    .map((text) => ({ inputs, text }));
});

function maybe(key: string, value: fc.Arbitrary<string>): fc.Arbitrary<string | null> {
  return fc.option(pair(key, value), { freq: 1 });
}

function pair(key: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(space, space, value).map(([before, after, text]) => `${JSON.stringify(key)}${before}:${after}${text}`);
}

function list(items: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return joined('[', items, ']');
}

function joined(open: string, items: readonly fc.Arbitrary<string>[], close: string): fc.Arbitrary<string> {
  return fc.tuple(space, space, ...items).map(([first, second, ...texts]) => `${open}${first}${texts.join(`${second},${first}`)}${second}${close}`);
}

function rowOf(inputs: readonly TensorSpec[]): fc.Arbitrary<string> {
  const named = fc.shuffledSubarray([...inputs], { minLength: inputs.length }).chain((order) => joined('{', order.map((spec) => pair(spec.name, tensorOf(spec))), '}'));
  const [only] = inputs;
  return inputs.length === 1 && only !== undefined ? fc.oneof(tensorOf(only), named) : named;
}

function tensorOf(spec: TensorSpec): fc.Arbitrary<string> {
  return fc.tuple(...spec.shape.map((extent) => (extent < 0 ? fc.integer({ min: 0, max: 3 }) : fc.constant(extent)))).chain((extents) => {
    const count = extents.reduce((product, extent) => product * extent, 1);
    const element = elementOf(spec.dtype);
    const nested = (level: number): fc.Arbitrary<string> => (level === extents.length ? element : list(Array.from({ length: extents[level] ?? 0 }, () => nested(level + 1))));
    const forms = [nested(0), nested(0), list(Array.from({ length: count }, () => element))];
    if (count === 1 && extents.length < 2) forms.push(element);
    if (spec.dtype !== 'bytes') {
      const bytes = fc.uint8Array({ minLength: count * DTYPE_BYTES[spec.dtype], maxLength: count * DTYPE_BYTES[spec.dtype], max: spec.dtype === 'bool' ? 1 : 255 });
      forms.push(bytes.chain((raw) => joined('{', [pair('b64', fc.constant(JSON.stringify(Buffer.from(raw).toString('base64'))))], '}')));
    }
    return fc.oneof(...forms);
  });
}

function elementOf(dtype: Dtype): fc.Arbitrary<string> {
  switch (dtype) {
    case 'bool': return fc.constantFrom('true', 'false');
    case 'bytes': return fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc.constantFrom('"\\u0041\\n\\ud83d\\ude00"', '"\\/"', '{"b64":"AAEC"}', '{ "\\u00624" : "" }', '{"b64":""}'),
    );
    case 'float32': case 'float64': case 'bfloat16': case 'float16':
      return fc.oneof(fc.integer({ min: -300, max: 300 }).map(String), fc.double({ min: -1e30, max: 1e30, noNaN: true }).map(String), fc.constantFrom('-0', '1E+2', '0.10', '1e-320', '3.5e38'));
    default: {
      const [least, most] = dtype.startsWith('u') ? [0, 127] : [-128, 127];
      const wide = dtype === 'int64' ? ['9223372036854775807', '-9223372036854775808', '9007199254740993'] : dtype === 'uint64' ? ['18446744073709551615', '9007199254740993'] : [];
      return fc.oneof({ weight: 9, arbitrary: fc.integer({ min: least, max: most }).map(String) }, { weight: 3, arbitrary: fc.constantFrom('1.0', '2e1', '10e-1', '-0', ...wide) });
    }
  }
}

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { pythonWithKit } from '../support/python-kit.ts';
import { requirePart } from '../support/requirements.ts';

/** A model as it is often written first, and what its author has to be told. */
interface Mistake {
  readonly what: string;
  readonly source: string;
  readonly says: RegExp;
}

const served = (body: string, outputs = '"float32"'): string => `
from tradewind import model

@model(inputs={"x": ("float32", [2])}, outputs={"y": ${outputs}})
def predict(x):
${body.split('\n').map((line) => `    ${line}`).join('\n')}
`;

/** Said in the log, and beside the death of the replica. */
const AT_START: readonly Mistake[] = [
  { what: 'a syntax error', source: 'def predict(x:\n  return x\n', says: /could not be loaded: SyntaxError: .*\(model-0\.py, line 1\)/u },
  { what: 'a package that is not installed', source: 'import no_such_package\ndef predict(x):\n  return x\n', says: /No module named 'no_such_package' \(model-1\.py, line 1\): install it for the interpreter of this model: \S+ -m pip install no_such_package/u },
  { what: 'the name of a dtype that others use', source: served('return x[:, 0]').replace('"float32", [2]', '"double", [2]'), says: /x has dtype double: write float64/u },
  { what: 'a shape without its dtype', source: served('return x[:, 0]').replace('("float32", [2])', '[2]'), says: /inputs: x is \[2\]; write \("float32", \[64\]\)/u },
  { what: 'a function of another name', source: 'def score(x):\n  return x\n', says: /has no Model and no predict; it has score: say which in the option entry/u },
  { what: 'a script that ends itself', source: 'import sys\nsys.exit(3)\n', says: /called sys\.exit\(3\) \(model-5\.py, line 2\)/u },
  { what: 'an argument that is no input', source: served('return x[:, 0]').replace('predict(x)', 'predict(x, threshold)'), says: /predict takes threshold, which is no input; the inputs are x/u },
];

/** Said to the caller. */
const AT_PREDICT: readonly Mistake[] = [
  { what: 'no return', source: served('x[:, 0]'), says: /predict returned nothing: does it lack a return\?/u },
  { what: 'a generator', source: served('for row in x:\n    yield row[0]'), says: /output y is a generator: return an array or a list, one entry for each row/u },
  { what: 'a list of dicts', source: served('return [{"score": float(row[0])} for row in x]'), says: /its entries are dict; return one map of arrays, not a map for each row/u },
  { what: 'one row for all', source: served('return x.mean(axis=0)[:1]').replace('x.mean(axis=0)[:1]', 'x[:1].repeat(3, 0)[:, 0]'), says: /3 rows for a batch of 1: return one for each row of the input/u },
  { what: 'rows of another shape', source: served('return x'), says: /rows of shape \[2\]; the signature says \[\]/u },
  { what: 'numbers of another kind', source: served('return x[:, 0]', '"int64"'), says: /not an array of int64: it is float32; convert it, or change the signature/u },
  { what: 'an error that says little', source: served('return {}["score"]'), says: /KeyError: 'score' \(model-6\.py, line 6\)/u },
  { what: 'an exit', source: served('import sys\nsys.exit("done")'), says: /called sys\.exit\('done'\) \(model-7\.py, line 7\): it has to return/u },
  { what: 'a task of asyncio that is cancelled', source: served('import asyncio\nraise asyncio.CancelledError()'), says: /CancelledError \(model-8\.py, line 7\)/u },
  { what: 'an error that is no text', source: served('raise ValueError("half a \\udcff")'), says: /ValueError: half a \\udcff \(model-9\.py, line 6\)/u },
  { what: 'a batch whose rows all fail', source: served('from tradewind import RowError\nreturn [RowError("too old") for row in x]'), says: /^model_error: too old$/u },
  { what: 'a code that is no word, and a message without end', source: served('from tradewind import PredictError\nraise PredictError(400, "z" * 1_000_000)'), says: /^z{2000}$/u },
  { what: 'a panic of a library, which is no Exception', source: served('class Panic(BaseException):\n    pass\nraise Panic("index out of bounds")'), says: /^Panic: index out of bounds \(model-12\.py, line 8\)$/u },
];

describe('models in Python with the mistakes that are made first: each is told what to do', { skip: requirePart('python3') }, () => {
  let python = '';
  before(async () => {
    python = await pythonWithKit();
  });

  const start = (t: Parameters<typeof BrokerProcess.start>[0], mistakes: readonly Mistake[]): Promise<BrokerProcess> => BrokerProcess.start(t, {
    files: Object.fromEntries(mistakes.map(({ source }, i) => [`model-${i}.py`, source])),
    yaml: `
models:
${mistakes.map((_, i) => `  - { name: model-${i}, version: 1, container: python, path: model-${i}.py, options: { python: "${python}" }, input: { name: x, dtype: float32, shape: [2] }, output: { kind: value } }\n`).join('')}
apps:
${mistakes.map((_, i) => `  - { name: app-${i}, arms: [model-${i}], slo_ms: 30000, on_miss: error }\n`).join('')}
`,
  });

  test('at the start', async (t) => {
    const broker = await start(t, AT_START);
    for (const [i, { what, says }] of AT_START.entries()) {
      await until(what, () => broker.log.some(({ msg, model }) => model === `model-${i}` && says.test(msg)));
    }
    assert.equal((await broker.stop()).code, 0);
  });

  test('in predict: the replica lives on, and what was raised is in the log with its traceback, once', async (t) => {
    const broker = await (await start(t, AT_PREDICT)).ready();
    for (const [i, { what, says }] of AT_PREDICT.entries()) {
      for (let again = 0; again < 2; again++) {
        const { json } = await broker.predict(`app-${i}`, { input: [1, 2] });
        assert.match(json.error?.message ?? '', says, what);
      }
    }
    assert.equal(await broker.metric('tradewind_replica_deaths_total'), 0);
    assert.equal((await broker.stop()).code, 0);
    const printed = broker.log.filter(({ msg, model }) => model === 'model-6' && msg.startsWith('KeyError'));
    assert.equal(printed.length, 1);
  });
});

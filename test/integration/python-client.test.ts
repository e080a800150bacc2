import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { BrokerProcess } from '../support/broker-process.ts';
import { PYTHON_KIT, pythonWithKit } from '../support/python-kit.ts';
import { findPart, requirePart } from '../support/requirements.ts';

const run = promisify(execFile);

const SERVED = `
from tradewind import model

@model(inputs={"x": ("float32", [2])}, outputs={"y": "float32"})
def predict(x):
    return x.sum(axis=1)
`;
/** What a data scientist would write; it prints what it saw as JSON. */
const CALLER = `
import asyncio, json, sys
from tradewind import AsyncClient, BrokerError, Client, NotReady

url, root, file, pickles = sys.argv[1:]
seen = {}
with Client(url, deploy_root=root) as client:
    client.deploy("sum", 2, file, output={"kind": "value"}, label="stable")
    first = client.predict("sums", [1, 2], slo_ms=5000)
    seen["first"] = [first.output, first.model, first.version, first.source]
    seen["verdicts"] = [client.feedback(first.decision_id, reward=1), client.feedback(first.decision_id, reward=1)]
    seen["many"] = client.predict_many("sums", [[1, 1], [2, 2]], slo_ms=5000).outputs
    for what, act in {
        "app": lambda: client.predict("none", [1]),
        "shape": lambda: client.predict("sums", [1, 2, 3]),
        "outside": lambda: client.admin("PUT", "models/x/versions/1", {"container": "python", "path": "/etc/passwd.py"}),
    }.items():
        try:
            act()
        except BrokerError as error:
            seen[what] = error.code
    with open(root + "/broken.py", "w") as broken:
        broken.write("raise RuntimeError('as written')")
    try:
        client.deploy("broken", 1, root + "/broken.py")
    except NotReady as error:
        seen["broken"] = str(error)
with Client(url) as client:
    client.deploy("sum", 4, file, output={"kind": "value"})
    seen["uploaded"] = client.predict("sums", [4, 5], version=4, slo_ms=5000).output
    if pickles == "yes":
        offset = 40
        client.deploy("sum", 3, lambda x: x.sum(axis=1) + offset, inputs={"x": ("float32", [2])}, outputs={"y": "float32"}, output={"kind": "value"})
        seen["closure"] = client.predict("sums", [1, 1], version=3, slo_ms=5000).output

async def ask():
    async with AsyncClient(url) as client:
        return [answer.output for answer in await asyncio.gather(*(client.predict("sums", [i, i], slo_ms=5000) for i in range(20)))]

seen["together"] = asyncio.run(ask())
print(json.dumps(seen))
`;

describe('the client in Python', { skip: requirePart('python3') }, () => {
  let python = '';
  let pickles = false;
  before(async () => {
    // A Python that pickles closures, where the machine has one.
    const frameworks = findPart('frameworks');
    python = frameworks === undefined ? await pythonWithKit() : join(dirname(frameworks), 'python3');
    pickles = await run(python, ['-c', 'import cloudpickle']).then(() => true, () => false);
  });

  test('deploys, predicts, gives feedback, and is told what is wrong', async (t) => {
    const path = python.includes('/') ? `${join(python, '..')}:${process.env['PATH'] ?? ''}` : process.env['PATH'] ?? '';
    const broker = await (await BrokerProcess.start(t, {
      env: { PATH: path },
      files: { 'deployed/.keep': '', 'sum.py': SERVED, 'caller.py': CALLER },
      yaml: `
admin: { allow_code: true, deploy_root: deployed }
models: [{ name: sum, version: 1, container: python, path: sum.py, output: { kind: value } }]
apps: [{ name: sums, arms: [sum], slo_ms: 5000 }]
`,
    })).ready();
    const { stdout } = await run(python, [join(broker.folder, 'caller.py'), broker.url, join(broker.folder, 'deployed'), join(broker.folder, 'sum.py'), pickles ? 'yes' : 'no'], { env: { PATH: path, PYTHONPATH: PYTHON_KIT } });
    const { broken, closure, ...seen } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(seen, {
      first: [3, 'sum', 2, 'model'], verdicts: ['accepted', 'repeated'], many: [2, 4], app: 'unknown_app', shape: 'wrong_shape', outside: 'invalid_config', uploaded: 9,
      together: Array.from({ length: 20 }, (_, i) => 2 * i),
    });
    assert.match(String(broken), /RuntimeError: as written/);
    assert.equal(closure, pickles ? 42 : undefined);
    assert.equal((await broker.stop()).code, 0);
  });
});

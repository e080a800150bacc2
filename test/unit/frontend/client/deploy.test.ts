import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Courier } from '../../../../frontend/client/courier.ts';
import { deploy, type DeployOptions, type DeployTarget } from '../../../../frontend/client/deploy.ts';

/** What a broker is asked that shows the version in these states, one after another. */
async function deployed(target: DeployTarget, options: DeployOptions = {}, states: readonly object[] = [{ ready: 1, desired: 1 }]): Promise<{ url: string; body: unknown }[]> {
  const calls: { url: string; body: unknown }[] = [];
  let shown = 0;
  const courier = new Courier({
    url: 'http://broker', sleep: async () => {},
    fetch: async (url, init) => {
      const { body, method } = init ?? {};
      calls.push({ url: `${String(method)} ${(url as string).slice('http://broker'.length)}`, body: typeof body === 'string' ? JSON.parse(body) as unknown : Buffer.from(body as Uint8Array | undefined ?? []).toString() });
      if ((url as string).endsWith('/files')) return Response.json({ path: '/deployed/m/2/abc' });
      return Response.json(method === 'GET' ? { status: states[Math.min(shown++, states.length - 1)] } : {});
    },
  });
  await deploy(courier, { name: 'm', version: 2, target, options });
  return calls;
}

test('a file is uploaded, put with what serves it, waited for, and labelled', async () => {
  const calls = await deployed({ 'm.onnx': 'weights' }, { label: 'stable', model: { output: { kind: 'value' }, options: { threads: 2 } } }, [{ ready: 0, desired: 1, replicas: [{ state: 'starting' }] }, { ready: 1, desired: 1 }]);
  assert.deepEqual(calls.map(({ url }) => url), ['PUT /admin/models/m/versions/2/files', 'PUT /admin/models/m/versions/2', 'GET /admin/models/m/versions/2', 'GET /admin/models/m/versions/2', 'PUT /admin/models/m/labels/stable']);
  assert.match(String(calls[0]?.body), /^m\.onnx\0[^]*weights\0/u);
  assert.deepEqual(calls[1]?.body, { container: 'onnx', output: { kind: 'value' }, path: '/deployed/m/2/abc/m.onnx', options: { threads: 2 } });
});

test('a function is a module; folders are known by what is in them', async () => {
  const [upload, put] = await deployed(({ rows }: { rows: number }) => ({ y: new Float32Array(rows) }), { outputs: [{ name: 'y', dtype: 'float32', shape: [] }] });
  assert.match(String(upload?.body), /export const serving = \{"outputs":\[\{"name":"y".*\nexport const predict = \(\{ rows \}\s*\) => \(\{ y: new Float32Array\(rows\) \}\);/u);
  assert.deepEqual(put?.body, { container: 'typescript', path: '/deployed/m/2/abc/model.mjs', options: {} });
  const bodyOf = async (...of: Parameters<typeof deployed>): Promise<unknown> => (await deployed(...of))[1]?.body;
  assert.deepEqual(await bodyOf({ 'saved_model.pb': '', 'variables/x': '' }), { container: 'tensorflow', path: '/deployed/m/2/abc', options: {} });
  assert.deepEqual(await bodyOf({ 'm.py': '', 'more.py': '' }, { model: { options: { entry: 'm:f' } } }), { container: 'python', path: '/deployed/m/2/abc', options: { entry: 'm:f' } });
  assert.deepEqual(await bodyOf({ 'main.ts': '', 'more.ts': '' }, { file: 'main.ts' }), { container: 'typescript', path: '/deployed/m/2/abc/main.ts', options: {} });
  assert.deepEqual(await bodyOf({ 'run': '' }, { model: { container: { command: ['./run'] } } }), { container: { command: ['./run'] }, path: '/deployed/m/2/abc/run', options: {} });
});

test('what nobody serves, and a function without a text, are refused before anything is sent', async () => {
  await assert.rejects(deployed({ 'm.bin': '' }), /nothing is known that serves m\.bin/);
  await assert.rejects(deployed({ 'a.onnx': '', 'b.onnx': '' }), /nothing is known that serves these files/);
  await assert.rejects(deployed(Math.max), /native, or bound/);
});

test('a version that keeps failing is said with its last words', async () => {
  const failing = { ready: 0, desired: 1, replicas: [{ state: 'backoff', reason: 'exited with code 1', output: ['no such module'] }] };
  await assert.rejects(deployed({ 'm.onnx': '' }, {}, [failing]), { code: 'not_ready', message: 'the version did not become ready: exited with code 1 (backoff)\n  no such module' });
  await assert.rejects(deployed({ 'm.onnx': '' }, { waitMs: 200 }, [{ ready: 0, desired: 1, replicas: [] }]), /the time is over$/);
  await assert.rejects(deployed({ 'm.onnx': '' }, { waitMs: 200 }, [{ ready: 0, desired: 1, replicas: [{ state: 'starting', output: ['loading weights'] }] }]), /the time is over \(starting\)\n {2}loading weights$/);
});

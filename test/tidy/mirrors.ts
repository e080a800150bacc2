import { codeOnly, type Tree } from './tree.ts';

const MIRRORED = /^(frontend|model-containers\/(typescript|onnx|synthetic|tensorflow)|selection-policies|bench\/load)\/.*\.ts$|^protos\/[^/]+\.ts$/;

/** Sources without a unit test of their own, each with the reason. None of a pure folder. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['frontend/storage/redis/connection.ts', 'test/conformance and test/fault run it against a Redis of their own, killed, frozen and empty'],
  ['frontend/storage/redis/feedback.ts', 'the same'],
  ['frontend/storage/redis/journal.ts', 'the same'],
  ['frontend/storage/redis/scripts.ts', 'the same'],
  ['frontend/storage/redis/server-checks.ts', 'the same'],
  ['frontend/runtime/alarm-thread.ts', 'a thread of its own: thread-alarm.test.ts runs it'],
  ['frontend/runtime/alarm-thread-shared.ts', 'the same'],
  ['frontend/lifecycle/runtimes/launcher/main.ts', 'the program: channel.test.ts runs it, and test/fault/launcher.test.ts kills and stops it'],
  ['frontend/lifecycle/runtimes/local-replica.ts', 'local.test.ts runs it'],
  ['frontend/dashboard/app-view.ts', 'drawn by a browser: test/e2e/dashboard.test.ts drives every view of it'],
  ['frontend/dashboard/batch-chart.ts', 'the same'],
  ['frontend/dashboard/broker-api.ts', 'the same'],
  ['frontend/dashboard/decision-form.ts', 'the same'],
  ['frontend/dashboard/dialog.ts', 'the same'],
  ['frontend/dashboard/dom.ts', 'the same'],
  ['frontend/dashboard/figures.ts', 'the same'],
  ['frontend/dashboard/main.ts', 'the same'],
  ['frontend/dashboard/model-view.ts', 'the same'],
  ['frontend/dashboard/named-charts.ts', 'the same'],
  ['frontend/dashboard/overview.ts', 'the same'],
  ['frontend/dashboard/replica-table.ts', 'the same'],
  ['frontend/dashboard/selection-table.ts', 'the same'],
  ['frontend/dashboard/spark.ts', 'the same'],
  ['frontend/dashboard/table.ts', 'the same'],
  ['frontend/dashboard/theme.ts', 'the same'],
  ['frontend/dashboard/time-chart.ts', 'the same'],
  ['frontend/dashboard/trouble-list.ts', 'the same'],
  ['frontend/dashboard/troubles-view.ts', 'the same'],
  ['frontend/dashboard/verdict.ts', 'the same'],
  ['frontend/dashboard/view.ts', 'the same'],
  ['frontend/main.ts', 'the composition root: every integration and e2e test runs it'],
  ['frontend/foreign.ts', 'wiring: test/conformance runs the clients of others against it'],
  ['frontend/grpc-door.ts', 'the same'],
  ['frontend/versions.ts', 'the same'],
  ['frontend/http/predict-body/float32-scan-build.ts', 'a program for who changes the C: test/tidy runs it with --check'],
  ['frontend/http/predict-body/float32-wasm.ts', 'generated; float32-scan.test.ts runs it'],
  ['frontend/cli/container-test/broker-link.ts', 'test/conformance drives every container through it'],
  ['frontend/cli/container-test/trial.ts', 'the same, with containers that keep the contract and with some that do not'],
  ['frontend/cli/container-test/greeting-checks.ts', 'test/conformance/container-test.test.ts has each check of it pass, and each fail'],
  ['frontend/cli/container-test/batch-checks.ts', 'the same'],
  ['frontend/cli/container-test/ending-checks.ts', 'the same'],
  ['frontend/cli/container-test/run-checks.ts', 'the same'],
  ['frontend/cli/tradewind.ts', 'the command: test/e2e runs it as a process'],
  ...['app', 'apps', 'audit', 'backup', 'cache', 'deploy', 'doctor', 'forget', 'label', 'log-level', 'models', 'policies', 'predict', 'remove', 'replay', 'replica', 'restore', 'rollback', 'rules', 'scale', 'status', 'steer', 'stop', 'token', 'versions']
    .map((command) => [`frontend/cli/${command}.ts`, 'test/e2e runs it as a process: commands.test.ts, operating.test.ts, steering-commands.test.ts'] as const),
  ['frontend/operations.ts', 'wiring: test/e2e/operating.test.ts goes through all of it'],
  ['frontend/rpc/oip/grpc-call.ts', 'test/fault/foreign-server.test.ts makes real calls of it, good and broken'],
  ['frontend/rpc/oip/grpc-server.ts', 'test/conformance/container-wires.test.ts and test/fault/foreign-server.test.ts drive it against servers'],
  ['frontend/rpc/oip/http-server.ts', 'the same'],
  ['frontend/rpc/oip/server-life.ts', 'test/fault/foreign-server.test.ts ends it in every way'],
  ['frontend/rpc/oip/server-dialler.ts', 'the same'],
  ['frontend/rpc/oip/server.ts', 'a contract and its one error'],
  ['model-containers/onnx/main.ts', 'the program: test/integration and test/conformance run it as a process'],
  ['model-containers/synthetic/main.ts', 'the program: test/integration and test/conformance run it as a process'],
  ['model-containers/tensorflow/main.ts', 'the program: test/conformance runs it as a process'],
  ['model-containers/typescript/main.ts', 'the program: test/integration runs it as a process'],
  ['model-containers/typescript/watchdog-thread.ts', 'a thread of its own: test/fault kills brokers and containers under it'],
  ['model-containers/typescript/batch-job.ts', 'test/conformance runs it in a container process, over every dtype, failure and cancel'],
  ['model-containers/typescript/container.ts', 'test/conformance opens it in a container process'],
  ['model-containers/typescript/link.ts', 'test/conformance dials and listens with it'],
  ['model-containers/typescript/serve.ts', 'three lines: test/conformance calls it in a container process'],
  ['model-containers/typescript/service.ts', 'test/conformance drives credits, drain and lost brokers through it'],
  ['model-containers/typescript/session.ts', 'test/conformance drives every frame through it, good and bad'],
  ['model-containers/typescript/watchdog.ts', 'test/conformance and test/fault kill brokers and parents under it'],
]);

/** Nothing happens at run time in a file that only declares types. */
function onlyTypes(text: string): boolean {
  return !/^(?:export\s+)?(?:async\s+|abstract\s+)?(?:const|let|function|class)\b/m.test(codeOnly(text));
}

export function mirrorFaults(tree: Tree): string[] {
  const faults: string[] = [];
  for (const [path, text] of tree) {
    const mirror = `test/unit/${path.replace(/\.ts$/, '.test.ts')}`;
    if (!MIRRORED.test(path) || onlyTypes(text)) continue;
    const excepted = EXCEPTIONS.has(path);
    if (!tree.has(mirror) && !excepted) faults.push(`${path} has no ${mirror}`);
    if (tree.has(mirror) && excepted) faults.push(`${path} has a unit test: it needs no exception`);
  }
  for (const path of tree.keys()) {
    if (!path.startsWith('test/unit/') || !path.endsWith('.ts')) continue;
    if (!path.endsWith('.test.ts')) faults.push(`${path} is no test: helpers belong to test/support`);
    else if (!tree.has(path.slice('test/unit/'.length).replace(/\.test\.ts$/, '.ts'))) faults.push(`${path} mirrors nothing`);
  }
  return faults;
}

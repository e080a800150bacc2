import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import type { LoadedConfig } from '../config/load.ts';
import { readConfigFile } from '../lifecycle/desired-file.ts';
import { BrokerCalls } from './broker/call.ts';
import { conditionOf, findingText } from './broker/condition.ts';
import { CONFIG, stateDirOf, type ReachWords } from './broker/reach.ts';
import type { BrokerView } from './broker/views.ts';
import { controlSocketPath } from '../http/admin/socket.ts';
import { cpuTicks } from '../runtime/stolen-time.ts';
import { certificateFinding } from './doctor/certificate-checks.ts';
import { bad, doubtful, good, type Finding } from './doctor/finding.ts';
import { clockFinding, limitsText, memoryFinding, nodeFinding, openFilesFinding, programFinding, pythonFinding, stolenFinding } from './doctor/machine-checks.ts';
import { portFinding, redisFindings } from './doctor/network-checks.ts';
import { newestFileMs, secretFileFinding, stateFindings } from './doctor/state-checks.ts';
import { uploadFinding } from './doctor/upload-checks.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure } from './terminal/failure.ts';
import { harmless, type Tone } from './terminal/screen.ts';

type Words = Pick<ReachWords, 'config' | 'stateDir' | 'json'>;

const TONES: Readonly<Record<Finding['verdict'], Tone>> = { good: 'green', doubtful: 'yellow', bad: 'red' };
const USUAL_CONNECTIONS = 8_192;
const USUAL_CACHE_BYTES = 64 * 1024 * 1024;

export function doctorCommand(context: CommandContext): Command {
  return new Command('doctor').description('say what is wrong with this set-up: machine, configuration, state, ports, Redis, Python')
    .option('--config <file>', `the configuration file [${CONFIG} if there]`).option('--state-dir <folder>', 'state_dir, where there is no configuration').option('--json', 'the answer as JSON')
    .addHelpText('after', '\nExamples:\n  tradewind doctor --config tradewind.yaml\n\nExit code 1: something is bad. What is doubtful does not count.')
    .action((words: Words) => doctor(words, context));
}

async function doctor(words: Words, context: CommandContext): Promise<void> {
  const findings: Finding[] = [];
  for await (const finding of examine(words, context)) {
    findings.push(finding);
    if (words.json !== true) context.print(`${context.paint(TONES[finding.verdict], finding.verdict.padEnd(8))}  ${context.paint('bold', finding.check)}: ${harmless(finding.says)}`);
  }
  if (words.json === true) context.print(JSON.stringify({ findings }));
  const wrong = findings.filter(({ verdict }) => verdict === 'bad').length;
  if (wrong > 0) throw new CommandFailure(`${wrong === 1 ? 'one thing is' : `${wrong} things are`} wrong`);
}

async function* examine(words: Words, context: CommandContext): AsyncGenerator<Finding> {
  yield nodeFinding(process.version);
  const file = words.config ?? (words.stateDir === undefined && existsSync(resolve(context.workingFolder, CONFIG)) ? CONFIG : undefined);
  const read = file === undefined ? undefined : readConfigFile(file, context);
  if (read !== undefined && !read.ok) {
    for (const fault of read.faults) yield bad('configuration', fault);
    return;
  }
  const config = read?.config;
  if (config === undefined) yield doubtful('configuration', `none was looked at: say --config FILE`);
  else yield good('configuration', `${file ?? ''} is right: ${Object.keys(config.wanted.models).length} model version(s), ${Object.keys(config.wanted.apps).length} app(s)`);
  const stateDir = config?.settings.stateDir ?? await stateDirOf(words, context);
  yield openFilesFinding(limitsText(), config?.settings.limits.connections ?? USUAL_CONNECTIONS);
  yield memoryFinding(config?.settings.cache.maxBytes ?? USUAL_CACHE_BYTES);
  yield stolenFinding(cpuTicks());
  yield clockFinding(context.now(), newestFileMs(stateDir));
  yield* stateFindings(stateDir);
  const running = await runningBroker(stateDir);
  yield* running;
  yield await programFinding('setpriv', ['setpriv', '--version'], { needed: false, why: 'containers without a kit may outlive their launcher where that is killed; util-linux brings it.' });
  if (config !== undefined) yield* configured(config, { running: running.length > 0, nowMs: context.now() });
  const deployRoot = config?.settings.admin.deployRoot;
  if (running.length > 0 && deployRoot !== undefined) yield uploadFinding(deployRoot, await callsTo(stateDir).ask('GET', '/admin/models'));
}

/** What the configuration needs of its surroundings. */
async function* configured({ settings, wanted }: LoadedConfig, { running, nowMs }: { running: boolean; nowMs: number }): AsyncGenerator<Finding> {
  const { admin, listen, storage } = settings;
  if (!running) yield await portFinding('listen.http', listen.http);
  if (listen.tls !== undefined) yield certificateFinding(listen.tls, nowMs);
  if (admin.tokenFile !== undefined) yield secretFileFinding('admin.token_file', admin.tokenFile);
  else if (!listen.http.loopback) yield { check: 'admin', verdict: 'doubtful', says: 'off loopback, and admin.token_file names no token: admin answers only over the control socket, and to tokens made with `tradewind token add`.' };
  if (storage.receiptKeyFile !== undefined) yield secretFileFinding('storage.receipt_key_file', storage.receiptKeyFile);
  if (storage.feedback !== 'sqlite') yield* await redisFindings(storage.feedback);
  const interpreters = new Set(Object.values(wanted.models).flatMap(({ container }) => (container.kind === 'python' ? [container.interpreter] : [])));
  for (const interpreter of interpreters) yield await pythonFinding(interpreter);
}

/** What runs with this state; nothing where nothing does. */
async function runningBroker(stateDir: string): Promise<readonly Finding[]> {
  try {
    const calls = callsTo(stateDir);
    const { pid, version, missing } = await calls.ask<BrokerView>('GET', '/admin/broker');
    const { found } = await conditionOf(calls);
    const runs = `Tradewind ${version} runs here (pid ${pid})`;
    return [
      missing.length === 0 ? good('broker', `${runs}, and is ready`) : bad('broker', `${runs}; without a ready replica: ${missing.join(', ')}`),
      // A thread that is busy now may not be so in a minute: that is no fault of the set-up.
      ...found.map(({ severity, kind, subject, ...finding }): Finding => ({ check: kind === 'broker' ? kind : `${kind} ${subject}`, verdict: severity === 'bad' && kind !== 'broker' ? 'bad' : 'doubtful', says: findingText(finding) })),
    ];
  } catch {
    return [];
  }
}

function callsTo(stateDir: string): BrokerCalls {
  return new BrokerCalls({ kind: 'socket', path: controlSocketPath(stateDir), stateDir });
}

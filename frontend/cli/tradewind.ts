#!/usr/bin/env -S node --v8-pool-size=1 --no-memory-reducer
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../package-version.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT, explain } from './terminal/failure.ts';
import { isRead } from './terminal/is-read.ts';
import { paintFor } from './terminal/screen.ts';

const EXIT_HELP = `
Exit codes: 0 done; ${EXIT.refused} it failed, or the broker refused; ${EXIT.usage} the command line is wrong; ${EXIT.unreachable} no broker was reached;
${EXIT.notReady} not ready in time, or the answer is a default output. Failures are one message on standard error.

The broker is reached by the control socket in its state_dir (as the user who runs it), or with --url and a token.
\`tradewind COMMAND --help\` has examples.`;

/** Each command is loaded when it is called; all of them for the list in `--help`. The order is that of the list. */
const COMMANDS: Readonly<Record<string, () => Promise<(context: CommandContext) => Command>>> = {
  'serve': async () => (await import('./serve.ts')).serveCommand,
  'check': async () => (await import('./check.ts')).checkCommand,
  'apply': async () => (await import('./apply.ts')).applyCommand,
  'stop': async () => (await import('./stop.ts')).stopCommand,
  'status': async () => (await import('./status.ts')).statusCommand,
  'models': async () => (await import('./models.ts')).modelsCommand,
  'apps': async () => (await import('./apps.ts')).appsCommand,
  'versions': async () => (await import('./versions.ts')).versionsCommand,
  'predict': async () => (await import('./predict.ts')).predictCommand,
  'feedback': async () => (await import('./feedback.ts')).feedbackCommand,
  'deploy': async () => (await import('./deploy.ts')).deployCommand,
  'scale': async () => (await import('./scale.ts')).scaleCommand,
  'label': async () => (await import('./label.ts')).labelCommand,
  'rollback': async () => (await import('./rollback.ts')).rollbackCommand,
  'rules': async () => (await import('./rules.ts')).rulesCommand,
  'remove': async () => (await import('./remove.ts')).removeCommand,
  'app': async () => (await import('./app.ts')).appCommand,
  'steer': async () => (await import('./steer.ts')).steerCommand,
  'forget': async () => (await import('./forget.ts')).forgetCommand,
  'policies': async () => (await import('./policies.ts')).policiesCommand,
  'replica': async () => (await import('./replica.ts')).replicaCommand,
  'logs': async () => (await import('./logs.ts')).logsCommand,
  'cache': async () => (await import('./cache.ts')).cacheCommand,
  'token': async () => (await import('./token.ts')).tokenCommand,
  'audit': async () => (await import('./audit.ts')).auditCommand,
  'log-level': async () => (await import('./log-level.ts')).logLevelCommand,
  'bench': async () => (await import('./bench.ts')).benchCommand,
  'replay': async () => (await import('./replay.ts')).replayCommand,
  'recording': async () => (await import('./recording.ts')).recordingCommand,
  'backup': async () => (await import('./backup.ts')).backupCommand,
  'restore': async () => (await import('./restore.ts')).restoreCommand,
  'doctor': async () => (await import('./doctor.ts')).doctorCommand,
  'container-test': async () => (await import('./container-test.ts')).containerTestCommand,
};

/** The `tradewind` command, with the one that is called, or with all. */
async function program(context: CommandContext, called: string | undefined): Promise<Command> {
  const tradewind = new Command('tradewind').description('A prediction broker: an answer from the best model you have, inside the latency objective you state.').version(packageVersion(), '-V, --version', 'say which version this is').addHelpText('after', EXIT_HELP);
  const names = called !== undefined && Object.hasOwn(COMMANDS, called) ? [called] : Object.keys(COMMANDS);
  for (const name of names) {
    const make = await COMMANDS[name]?.();
    if (make !== undefined) tradewind.addCommand(make(context));
  }
  for (const command of [tradewind, ...tradewind.commands, ...tradewind.commands.flatMap(({ commands }) => commands)]) command.exitOverride().showHelpAfterError('(--help says more)');
  return tradewind;
}

const isTerminal = process.stdout.isTTY;
const context: CommandContext = {
  print: (line) => void process.stdout.write(`${line}\n`),
  columns: isTerminal ? process.stdout.columns : undefined,
  paint: paintFor(isTerminal, process.env),
  environment: process.env, workingFolder: process.cwd(),
  input: () => text(process.stdin),
  now: () => Date.now(), pause: (ms) => pause(ms), isHeard: () => isRead(process.stdout.fd),
};
// Whoever reads the output may have seen enough: `tradewind audit | head -1`. A broker is there for others than him.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (process.argv[2] !== 'serve') process.exit(error.code === 'EPIPE' ? 0 : EXIT.refused);
});

try {
  await (await program(context, process.argv[2])).parseAsync();
} catch (thrown) {
  // Commander has said what it had to say.
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : EXIT.usage;
  else {
    process.stderr.write(`tradewind: ${thrown instanceof CommandFailure ? thrown.message : explain(thrown)}\n`);
    process.exitCode = thrown instanceof CommandFailure ? thrown.exitCode : EXIT.refused;
  }
}

import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { BrokerCalls, refusal } from './broker/call.ts';
import { change } from './broker/change.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure } from './terminal/failure.ts';
import { table } from './terminal/table.ts';

interface TokenView {
  readonly name: string;
  readonly digests: readonly string[];
  readonly from_file: boolean;
}

const SECRET_BYTES = 32;
const MOST_SECRETS = 4;

export function tokenCommand(context: CommandContext): Command {
  const token = new Command('token').description('list, add, rotate, retire and remove the bearer tokens of admin');
  const named = (name: string, description: string): Command => withReach(new Command(name).description(description).argument('<name>'));
  token.addCommand(withReach(new Command('list').description('their names')).action((words: ReachWords) => list(words, context)));
  token.addCommand(named('add', 'make one, and print its secret once').action((name: string, words: ReachWords) => make(name, { ...words, add: true }, context)));
  token.addCommand(named('rotate', 'give one another secret, and print it once').option('--keep-old', 'the old secret is good, too, until it is retired')
    .action((name: string, words: ReachWords & { keepOld?: boolean }) => make(name, { ...words, add: false }, context)));
  token.addCommand(named('retire', 'take away its older secrets: the newest alone is good').action((name: string, words: ReachWords) => retire(name, words, context)));
  token.addCommand(named('remove', 'take one away').action((name: string, words: ReachWords) => change(words, context, ['DELETE', `/admin/tokens/${encodeURIComponent(name)}`])));
  return token.addHelpText('after', '\nExamples:\n  tradewind token add ops > ops.token\n  tradewind token rotate ops --keep-old > ops.new && mv ops.new ops.token\n  tradewind token retire ops\n\nThe secret is made here; the broker gets its digest only.');
}

async function list(words: ReachWords, context: CommandContext): Promise<void> {
  const answer = await (await BrokerCalls.to(words, context)).ask<{ tokens: readonly TokenView[] }>('GET', '/admin/tokens');
  context.print(words.json === true ? JSON.stringify(answer) : table<TokenView>(context, [
    { head: 'token', cell: ({ name }) => name },
    { head: 'secrets', cell: ({ digests }) => digests.length, right: true },
    { head: 'from', cell: (token) => (token.from_file ? 'admin.token_file' : 'admin') },
  ], answer.tokens, 'There are no tokens: admin answers on loopback, and over the control socket.'));
}

async function make(name: string, { add, keepOld = false, ...words }: ReachWords & { add: boolean; keepOld?: boolean }, context: CommandContext): Promise<void> {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const digest = createHash('sha256').update(secret).digest('hex');
  await replaceDigests(name, words, context, (before) => {
    if (add && before !== undefined) throw new CommandFailure(`there is a token "${name}" already: rotate it`);
    if (!add && before === undefined) throw new CommandFailure(`there is no token "${name}": add it`);
    return [digest, ...(keepOld ? before ?? [] : [])].slice(0, MOST_SECRETS);
  });
  context.print(words.json === true ? JSON.stringify({ name, secret }) : secret);
}

async function retire(name: string, words: ReachWords, context: CommandContext): Promise<void> {
  let retired = 0;
  await replaceDigests(name, words, context, (before) => {
    if (before === undefined) throw new CommandFailure(`there is no token "${name}"`);
    retired = before.length - 1;
    return before.slice(0, 1);
  });
  context.print(words.json === true ? JSON.stringify({ name, retired }) : `${retired === 1 ? '1 older secret is' : `${retired} older secrets are`} good no more.`);
}

/** The list that was read is the one that is changed: somebody else's change in between is refused, not lost. The newest secret is the first. */
async function replaceDigests(name: string, words: ReachWords, context: CommandContext, next: (before: readonly string[] | undefined) => readonly string[]): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const known = await calls.send('GET', '/admin/tokens');
  if (known.status !== 200) throw refusal(known);
  const before = (known.body as { tokens: readonly TokenView[] }).tokens.find((token) => token.name === name)?.digests;
  const reply = await calls.send('PUT', `/admin/tokens/${encodeURIComponent(name)}`, { body: { digests: next(before) }, headers: known.etag === undefined ? {} : { 'if-match': known.etag } });
  if (reply.status !== 200) throw refusal(reply);
}

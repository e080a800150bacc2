import type { CommandContext } from '../terminal/context.ts';
import { BrokerCalls, type Method, type Reply, refusal } from './call.ts';
import type { ReachWords } from './reach.ts';
import type { ChangeView } from './views.ts';

export interface ChangeWords extends ReachWords {
  readonly dryRun?: boolean;
}

/** Asks for a change of durable state and says what it came to; with an etag only where the state is still that one. */
export async function change(words: ChangeWords, context: CommandContext, [method, path, body, etag]: readonly [method: Method, path: string, body?: unknown, etag?: string | undefined]): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const reply: Reply = await calls.send(method, `${path}${words.dryRun === true ? '?dry_run=true' : ''}`, { ...(body === undefined ? {} : { body }), ...(etag === undefined ? {} : { headers: { 'if-match': etag } }) });
  if (reply.status !== 200) throw refusal(reply);
  context.print(words.json === true ? JSON.stringify(reply.body) : changeText(reply.body as ChangeView));
}

const SIGNS = [['+', 'added'], ['~', 'changed'], ['-', 'removed']] as const;

/** One line for each name: `+ model digits@2`. */
export function diffText(diff: ChangeView['diff'], dryRun: boolean): string {
  const lines = Object.entries(diff).flatMap(([kind, names]) => SIGNS.flatMap(([sign, key]) => names[key].map((name) => `${sign} ${kind.replace(/s$/u, '')} ${name}`)));
  return lines.length === 0 ? 'Nothing changes.' : [dryRun ? 'Would change:' : 'Changed:', ...lines].join('\n');
}

/** The diff, and what of it will not last. */
export function changeText({ diff, dry_run: dryRun, held = [] }: ChangeView): string {
  const holders = new Map<string, string[]>();
  for (const { name, by } of held) holders.set(by, [...holders.get(by) ?? [], name]);
  const lines = [...holders].map(([by, names]) => `${by === 'file' ? 'The configuration file' : `The source ${by}`} holds ${names.join(', ')}: what it says counts again at the next start and apply, so say it there, too.`);
  return [diffText(diff, dryRun), ...lines].join('\n');
}

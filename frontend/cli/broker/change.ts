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

function changeText({ diff, dry_run: dryRun }: ChangeView): string {
  return diffText(diff, dryRun);
}

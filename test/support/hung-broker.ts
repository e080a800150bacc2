/**
 * A broker that has two replicas, one of which hangs in a batch, says their pids and that of its launcher, and waits to be killed.
 * Arguments: the state folder.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchOf, infer, pairQuery } from './batches.ts';
import { Supervised, rogueSpec } from './supervised.ts';

const world = await Supervised.open({}, process.argv[2]);
const onlyWith = join(world.folder, 'trigger');
writeFileSync(onlyWith, '');
world.apply(rogueSpec({ batch: 'hang', onlyWith }, { replicas: 2 }));
const [link] = await world.ready(2);
if (link !== undefined) void infer(link, batchOf(pairQuery(1)));
process.stdout.write(`${JSON.stringify({ pids: world.status.replicas.map(({ pid }) => pid), launchers: world.launchers.pids })}\n`);

import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import { modelKey, nameRecord, type ModelKey, type ModelRules, type ModelSpec, type SourceSpec } from '../../domain/model.ts';
import type { Aspired, Source, SourceStatus } from '../../domain/source.ts';
import { readFolderRules, readFolderVersion, type Reading } from './read-version.ts';
import { scan, type FoundModel, type FoundVersion, type Refused } from './scan.ts';
import { SettledVersions, type Look } from './settled-versions.ts';

export interface FolderSourceOptions {
  readonly spec: SourceSpec;
  readonly clock: Clock;
  /** Epoch milliseconds, as the file system tells them. */
  readonly epochMs: () => number;
  readonly log: Log;
  readonly dialAllow: readonly string[];
}

/** What is older than this many looks has settled; a file system's clock may be coarse, so never less than the least. */
const SETTLED_LOOKS = 2;
const LEAST_SETTLE_MS = 2_000;

/** The file system as a source: looks at a folder again and again, and tells what lies in it whenever that changes. */
export class FolderSource implements Source {
  readonly #options: FolderSourceOptions;
  readonly #settled: SettledVersions;
  /** What was said of a path, so that it is said once. */
  #said = new Map<string, string>();
  #told: string | undefined;
  #saidUntaken: string | undefined;
  #looks = 0;
  /** Where words cannot be read any more, what they said before goes on. */
  #specs = new Map<ModelKey, ModelSpec>();
  #rules = new Map<string, ModelRules>();
  /** What versions were read as, by folder, as long as what it was read from stays. */
  readonly #readings = new Map<string, { readonly text: string; readonly read: Reading<ModelSpec> }>();
  #stopWake: () => void = () => undefined;
  #isStopped = false;
  #status: SourceStatus;

  constructor(options: FolderSourceOptions) {
    this.#options = options;
    this.#settled = new SettledVersions(Math.max(LEAST_SETTLE_MS, options.spec.pollMs * SETTLED_LOOKS));
    this.#status = { ...options.spec, refused: [], settling: [] };
  }

  start(tell: (aspired: Aspired) => Promise<void>): void {
    void this.#watch(tell);
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWake();
  }

  status(): SourceStatus {
    return this.#status;
  }

  async #watch(tell: (aspired: Aspired) => Promise<void>): Promise<void> {
    await this.#look(tell);
    if (this.#isStopped) return;
    const { clock, spec } = this.#options;
    this.#stopWake = clock.wakeAt(clock.now() + spec.pollMs * 1000, () => void this.#watch(tell));
  }

  /** Never rejects: what goes wrong is said, and the next look may find it right. */
  async #look(tell: (aspired: Aspired) => Promise<void>): Promise<void> {
    const { spec, log, epochMs } = this.#options;
    try {
      const found = await scan(spec.folder, this.#settled.known);
      const look = this.#settled.look(found, epochMs());
      const { aspired, refused } = this.#read(found.models, look);
      this.#report([...found.refused, ...refused], look);
      const text = JSON.stringify(aspired);
      // Of a source that never held anything there is nothing to tell; and what an earlier broker took may only have been touched.
      const isFirst = this.#looks++ === 0 && look.settling.length > 0;
      if (this.#isStopped || isFirst || text === (this.#told ?? EMPTY)) return;
      const untaken = await tell(aspired).then(() => undefined, messageOf);
      if (untaken === undefined) {
        this.#told = text;
        this.#saidUntaken = undefined;
      } else this.#sayUntaken(untaken);
    } catch (error) {
      if (hasVanished(error, spec.folder)) return;
      const unreadable = messageOf(error);
      if (this.#status.unreadable !== unreadable) log.warn({ folder: spec.folder, reason: unreadable }, 'a source cannot be read; what it held stays');
      this.#status = { ...this.#status, unreadable };
    }
  }

  /** What it holds is right, and could not be saved: the next look tells it again. */
  #sayUntaken(reason: string): void {
    const { spec, log } = this.#options;
    const why = `what it holds could not be taken, and is tried again: ${reason}`;
    if (this.#saidUntaken !== why) log.error({ folder: spec.folder, reason }, `${spec.folder}: ${why}`);
    this.#saidUntaken = why;
    this.#status = { ...this.#status, refused: [...this.#status.refused, { path: spec.folder, why }] };
  }

  #read(models: readonly FoundModel[], { taken }: Look): { aspired: Aspired; refused: readonly Refused[] } {
    const refused: Refused[] = [];
    const specs = new Map<ModelKey, ModelSpec>();
    const rules = new Map<string, ModelRules>();
    for (const [name, versions] of taken) {
      const model = models.find((found) => found.name === name) ?? { name, folder: '', versions: [] };
      const said = readFolderRules(model);
      const rule = said.ok ? said.value : this.#rules.get(name);
      if (!said.ok) refused.push({ path: model.folder, why: said.why });
      if (rule === undefined) continue;
      rules.set(name, rule);
      for (const version of versions) this.#readVersion(model, version, { specs, refused });
    }
    const folders = new Set([...taken.values()].flat().map(({ folder }) => folder));
    for (const folder of this.#readings.keys()) if (!folders.has(folder)) this.#readings.delete(folder);
    this.#specs = specs;
    this.#rules = rules;
    return { aspired: { models: nameRecord(specs), rules: nameRecord(rules) }, refused };
  }

  #readVersion(model: FoundModel, found: FoundVersion, { specs, refused }: { specs: Map<ModelKey, ModelSpec>; refused: Refused[] }): void {
    const key = modelKey(model.name, found.version);
    const text = JSON.stringify([model.words, found.words, found.mark]);
    const before = this.#readings.get(found.folder);
    const read = before?.text === text ? before.read : readFolderVersion(model, found, this.#options.dialAllow);
    this.#readings.set(found.folder, { text, read });
    const spec = read.ok ? read.value : this.#specs.get(key);
    if (spec !== undefined) specs.set(key, spec);
    else this.#settled.refuse(found);
    if (!read.ok) refused.push({ path: found.folder, why: read.why });
  }

  #report(refused: readonly Refused[], { settling, rewritten, isEmptied }: Look): void {
    const { log, spec } = this.#options;
    const said = new Map(refused.map(({ path, why }) => [path, why]));
    for (const [path, why] of said) if (this.#said.get(path) !== why) log.warn({ path }, `not taken from a source: ${path}: ${why}`);
    if (isEmptied && !this.#said.has(spec.folder)) log.warn({ folder: spec.folder }, `the source ${spec.folder} held versions and is empty; what it held stays`);
    if (isEmptied) said.set(spec.folder, 'is empty');
    for (const path of rewritten) log.warn({ path }, `the files of a version were changed after it had been taken (${path}); put changes into a version of their own`);
    this.#said = said;
    this.#status = { ...spec, refused: [...said].map(([path, why]) => ({ path, why })), settling };
  }
}

const EMPTY = JSON.stringify({ models: {}, rules: {} } satisfies Aspired);

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Something below the root was taken away while it was looked at: the next look sees what is left. */
function hasVanished(error: unknown, root: string): boolean {
  const { code, path } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && path !== undefined && path !== root;
}

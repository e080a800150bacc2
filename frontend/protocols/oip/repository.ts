import type { Failure } from '../../domain/answer.ts';
import type { Served, ServedDirectory, Unready, WhyUnready } from '../../domain/served.ts';

/** One version in Triton's repository index, in the names of its JSON form. */
export interface ModelIndex {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  readonly reason: string;
}

/** Every name and version; with `readyOnly` those that can answer. */
export function repositoryIndex(directory: ServedDirectory, whyUnready: WhyUnready, readyOnly: boolean): readonly ModelIndex[] {
  return directory.list().flatMap((served) => indexOf(served, whyUnready)).filter(({ state }) => !readyOnly || state === 'READY');
}

function indexOf({ name, versions }: Served, whyUnready: WhyUnready): ModelIndex[] {
  return versions.map(({ version, ready }): ModelIndex => ({
    name, version: String(version), state: ready ? 'READY' : 'UNAVAILABLE', reason: ready ? '' : reasonOf(whyUnready(name, version)),
  }));
}

function reasonOf(why: Unready): string {
  switch (why.kind) {
    case 'coming': return 'no replica is ready';
    // Triton's word.
    case 'unloaded': return 'unloaded';
    case 'failing': return `its replicas die again and again: ${why.reason}`;
  }
}

/** Loads and unloads models: a change of what is wanted, in the name of `who`. Never rejects. */
export interface RepositoryControl {
  /** Resolves once each of the model's versions has a ready replica, or with the reason why that does not come about. */
  load(model: string, who: string): Promise<Failure | undefined>;
  /** Resolves once its versions want no replicas; those that answer still are drained. */
  unload(model: string, who: string): Promise<Failure | undefined>;
}

export interface RepositoryChange {
  readonly what: 'load' | 'unload';
  readonly model: string;
  /** The keys of parameters that were given. */
  readonly parameters: readonly string[];
  readonly who: string | Failure;
}

/** Carries a change out, or says why not, in the words that clients of Triton know. */
export async function changeRepository(control: RepositoryControl, { what, model, parameters, who }: RepositoryChange): Promise<Failure | undefined> {
  if (typeof who !== 'string') return who;
  // A configuration or files in a load would be code from outside; what depends on a model here are apps, which stay.
  const [refused] = parameters.filter((key) => key !== 'unload_dependents');
  if (refused !== undefined) return { code: 'invalid_field', message: `failed to ${what} '${model}', parameter '${refused}' is not supported` };
  const failure = await control[what](model, who);
  return failure === undefined ? undefined : { ...failure, message: `failed to ${what} '${model}', ${failure.message}` };
}

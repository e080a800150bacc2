import type { Failure } from '../../domain/answer.ts';
import type { VersionPolicy } from '../../domain/model.ts';

/** One model of a `ModelServerConfig`, as far as it can be carried out here. */
export interface ConfiguredModel {
  readonly name: string;
  /** Where its versions are said to lie; empty where nothing is said. */
  readonly basePath: string;
  /** Undefined: nothing is said, and nothing changes. */
  readonly versions: VersionPolicy | undefined;
  /** All labels that the model is to have. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Makes what is wanted be these models and no others: a change in the name of `who`. Never rejects. */
export interface ModelConfigControl {
  /** Resolves once it is carried out: every model that is named is loaded, the others are unloaded; or with the reason why not. */
  reload(models: readonly ConfiguredModel[], who: string): Promise<Failure | undefined>;
}

import { check, isMap } from '../../config/check.ts';
import { readModel } from '../../config/model-words.ts';
import { filesOfConfig } from '../../config/named-files.ts';
import { MODEL, RULES, type RawModel, type RawRules } from '../../config/options.ts';
import { rulesOf } from '../../config/rule-words.ts';
import { plain } from '../../config/schema.ts';
import { parseYaml } from '../../config/yaml-source.ts';
import { faultText, type Fault } from '../../domain/fault.ts';
import type { ModelRules, ModelSpec } from '../../domain/model.ts';
import { WORDS_FILE, type FoundModel, type FoundVersion } from './scan.ts';

type Words = Readonly<Record<string, unknown>>;

/** Faults are whole clauses. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** Words of a `model.yaml` that are the model's, and no version's. */
const RULE_WORDS: readonly string[] = Object.keys(RULES.properties);
/** Recorded requests that lie with a version are its warm-up. */
export const WARM_UP_FILE = 'warmup.jsonl';

/** What lies in a version's folder → the words that say how it is served. The first that is there counts. */
const KINDS: readonly (readonly [entry: string, words: Words])[] = [
  ['model.onnx', { container: 'onnx', path: 'model.onnx' }],
  ['saved_model.pb', { container: 'tensorflow', path: '.' }],
  ['model.py', { container: 'python', path: 'model.py' }],
  ['model.joblib', { container: 'python', path: 'model.joblib', options: { loader: 'sklearn' } }],
];

/** The rules that a model's own `model.yaml` says, `{latest: 1}` unless it says which versions run. */
export function readFolderRules({ words }: Pick<FoundModel, 'words'>): Reading<ModelRules> {
  const read = parsed(words);
  if (!read.ok) return read;
  const own = Object.fromEntries(Object.entries(read.value).filter(([key]) => RULE_WORDS.includes(key)));
  const faults: Fault[] = [];
  const raw = check(plain(RULES), own, [], faults);
  if (faults.length > 0) return refused(faults);
  return { ok: true, value: { versions: { latest: 1 }, ...rulesOf(raw as RawRules) } };
}

/**
 * The spec of a version: what its folder shows it to be, under the words of the model's `model.yaml`, under those of its own.
 * Files are named from the version's folder. Whoever may write there may run code (a `model.py` is some), so that the words are
 * trusted as the configuration file is.
 */
export function readFolderVersion(model: Pick<FoundModel, 'name' | 'words'>, found: Pick<FoundVersion, 'version' | 'folder' | 'entries' | 'words'>, dialAllow: readonly string[]): Reading<ModelSpec> {
  const [ofModel, own] = [parsed(model.words), parsed(found.words)];
  if (!ofModel.ok) return { ok: false, why: `the model's ${WORDS_FILE}: ${ofModel.why}` };
  if (!own.ok) return { ok: false, why: `${WORDS_FILE}: ${own.why}` };
  const shared = Object.fromEntries(Object.entries(ofModel.value).filter(([key]) => !RULE_WORDS.includes(key)));
  const shown = KINDS.find(([entry]) => found.entries.includes(entry))?.[1] ?? {};
  const warmUp = found.entries.includes(WARM_UP_FILE) ? { warm_up: { requests: WARM_UP_FILE } } : {};
  const said = [warmUp, shared, own.value].reduce<Words>(over, shown);
  const unfit = ['name', 'version', 'labels'].filter((key) => Object.hasOwn(said, key));
  if (unfit.length > 0) return { ok: false, why: `${WORDS_FILE}: ${unfit.join(', ')}: cannot be given here: folders are names and versions, labels are set through admin` };
  if (said['container'] === undefined) return { ok: false, why: `holds none of ${KINDS.map(([entry]) => entry).join(', ')}, and no ${WORDS_FILE} that says its container` };
  const faults: Fault[] = [];
  const raw = check(plain(MODEL), { ...said, name: model.name, version: found.version }, [], faults);
  if (faults.length > 0) return refused(faults);
  const spec = readModel(raw as RawModel, { at: [], files: filesOfConfig(found.folder), dialAllow, faults });
  return faults.length > 0 ? refused(faults) : { ok: true, value: spec };
}

function refused(faults: readonly Fault[]): { readonly ok: false; readonly why: string } {
  return { ok: false, why: faults.map(faultText).join('; ') };
}

function parsed(text: string | undefined): Reading<Words> {
  if (text === undefined || text.trim() === '') return { ok: true, value: {} };
  const { value, faults } = parseYaml(text);
  const [first] = faults;
  if (first !== undefined) return { ok: false, why: `line ${first.line}: ${first.message}` };
  return isMap(value) ? { ok: true, value } : { ok: false, why: 'is no map of words' };
}

/** Words over words; maps are joined one level deep. */
function over(below: Words, above: Words): Words {
  const joined = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const under = joined.get(key);
    joined.set(key, isMap(under) && isMap(value) && key !== 'container' ? { ...under, ...value } : value);
  }
  return Object.fromEntries(joined);
}

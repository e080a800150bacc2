/** One kind of request that the road is measured with. */
export interface Load {
  readonly name: LoadName;
  readonly title: string;
  readonly form: 'json' | 'binary';
  /** Numbers of the input. */
  readonly features: 8 | 784;
  /** Significant digits of each number in JSON; of no meaning in a binary body. */
  readonly digits: number;
  /** Our CPU per request may be at most so many times that of bare fastify with schemas. */
  readonly bar: number;
}
export type LoadName = 'small' | 'json7' | 'json17' | 'binary';

export const LOADS: readonly Load[] = [
  { name: 'small', title: 'small JSON (8 floats)', form: 'json', features: 8, digits: 7, bar: 1.5 },
  { name: 'json7', title: '784 floats, JSON, 7 digits', form: 'json', features: 784, digits: 7, bar: 0.65 },
  { name: 'json17', title: '784 floats, JSON, 17 digits', form: 'json', features: 784, digits: 17, bar: 0.65 },
  { name: 'binary', title: '784 floats, binary', form: 'binary', features: 784, digits: 7, bar: 1.5 },
];

/** The loads of these names; throws RangeError for a name that there is not. */
export function loadsNamed(names: readonly string[]): readonly Load[] {
  return names.map((name) => {
    const load = LOADS.find((each) => each.name === name);
    if (load === undefined) throw new RangeError(`there is no load ${name}; there are ${LOADS.map((each) => each.name).join(', ')}`);
    return load;
  });
}

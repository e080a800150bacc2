import type { Failure } from '../../domain/answer.ts';
import type { CountedRows } from '../ask.ts';
import { MOST_ROWS } from './input-plan.ts';

/** How many rows a request has by the shapes of its inputs, whose leading extent is the rows. For a name whose inputs nobody knows yet. */
export function rowCount(model: string, shapes: readonly (readonly number[])[]): CountedRows | Failure {
  const [first, ...others] = shapes;
  if (first === undefined) return { code: 'missing_input', message: `expected inputs but got 0 inputs for model '${model}'` };
  const [rows] = first;
  if (rows === undefined || rows < 0) return { code: 'wrong_shape', message: `unexpected shape for an input of model '${model}'. Expected [-1,...], got [${first.join(',')}]` };
  if (rows === 0) return { code: 'empty_inputs', message: `an input for model '${model}' has no rows` };
  if (rows > MOST_ROWS) return { code: 'too_many_rows', message: `inference request batch-size must be <= ${MOST_ROWS} for '${model}'` };
  if (others.some(([count]) => count !== rows)) return { code: 'ragged_input', message: `inputs of model '${model}' differ in their batch dimension: ${shapes.map(([count]) => count).join(', ')}` };
  return { rows };
}

/** What the codes of the error table mean to somebody who looks at a screen at night: a clause after "because". */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['no_replica', 'no replica is ready'],
  ['queue_full', 'the queue is full'],
  ['infeasible', 'the model is too busy to answer in time'],
  ['slo_unreachable', 'the model cannot answer in time even alone'],
  ['expired_in_queue', 'the deadline came while they waited'],
  ['deadline_exceeded', 'the deadline came while the model computed'],
  ['replica_failed', 'replicas died or hung'],
  ['batch_failed', 'the model failed on whole batches'],
  ['row_failed', 'the model failed on these inputs'],
  ['invalid_output', 'the model answered what its output kind does not allow'],
  ['poison', 'these inputs killed replicas'],
  ['overloaded', 'the broker holds as many queries as it may'],
  ['low_confidence', 'the arms agree too little'],
  ['journal_full', 'the journal takes no more decisions'],
  ['draining', 'the broker is shutting down'],
  ['late', 'the answer was ready too late'],
  ['unknown_app', 'there is no such app'],
  ['wrong_shape', 'the input has another shape than the model expects'],
  ['internal', 'of a fault of the broker'],
]);

/** A code that has no words of its own is said as it is. */
export function because(reason: string): string {
  return WORDS.get(reason) ?? reason.replaceAll('_', ' ');
}

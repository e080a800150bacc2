import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reading } from '../../frontend/metrics/history/reading.ts';
import { SPANS, Track, type Span } from '../../frontend/metrics/history/track.ts';
import { SEED, seeded } from '../support/random.ts';

const SPAN_NAMES = Object.keys(SPANS) as Span[];

/** So many seconds pass at this reading; somebody looks at the rings after some of them; `leap`: nobody read for so long before. */
const stretch = fc.record({ level: fc.nat(3), seconds: fc.integer({ min: 1, max: 200 }), looks: fc.boolean(), leap: fc.constantFrom(0, 0, 0, 3, 7, 400) });

function readingOf(level: number, answers: number): Reading {
  return {
    counters: new Map([['answers', answers]]), gauges: new Map(level === 3 ? [] : [['queue', level], ['replicas:ready', 2]]),
    histograms: new Map([['answer', { boundsMicros: [1_000], counts: [answers, 0] }]]),
  };
}

function told(track: Track): unknown {
  return [track.now(), ...SPAN_NAMES.map((span) => track.ring(span).read())];
}

test(seeded('a track that stands tells what it would tell, had each second been written'), () => {
  fc.assert(fc.property(fc.array(stretch, { minLength: 1, maxLength: 12 }), (stretches) => {
    const [standing, written] = [new Track(), new Track()];
    let second = 0;
    let answers = 0;
    for (const { level, seconds, looks, leap } of stretches) {
      answers += 5 * level;
      second += leap;
      const same = readingOf(level, answers);
      for (let i = 0; i < seconds; i++) {
        second++;
        standing.record(same, second * 1_000 + 5);
        // Another object each time: never seen to stand.
        written.record(readingOf(level, answers), second * 1_000 + 5);
        if (looks && i % 50 === 49) standing.ring('1h');
      }
      assert.deepEqual(standing.now(), written.now());
    }
    assert.deepEqual(told(standing), told(written));
  }), { seed: SEED, numRuns: 200 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barPlot } from '../../../../bench/report/bar-plot.ts';

test('segments lie beside each other and are as long as their shares', () => {
  const svg = barPlot({ title: 't', segments: [{ name: 'a', hue: 'accent' }, { name: 'b', hue: 'rose' }], bars: [{ name: 'x', shares: [0.25, 0.75] }], width: 542 });
  const rectangles = [...svg.matchAll(/<rect x="([\d.]+)" y="68" width="([\d.]+)"/g)].map((match) => [Number(match[1]), Number(match[2])]);
  assert.deepEqual(rectangles, [[122, 100], [222, 300]]);
  assert.ok(svg.includes('>25<') && svg.includes('>75<'));
});

test('a share of nothing is not drawn, a small one has no figure', () => {
  const svg = barPlot({ title: 't', segments: [{ name: 'a', hue: 'accent' }, { name: 'b', hue: 'rose' }], bars: [{ name: 'x', shares: [0, 0.03] }] });
  assert.equal([...svg.matchAll(/<rect x="[\d.]+" y="68"/g)].length, 1);
  assert.ok(!svg.includes('>3<'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBlock } from '../../../../bench/report/block.ts';

test('what stands between the marks is replaced, all else stays', () => {
  const text = 'a\n<!-- road:begin -->\nold\n<!-- road:end -->\nz\n';
  const once = withBlock(text, 'road', 'new $& text\n\n');
  assert.equal(once, 'a\n<!-- road:begin -->\nnew $& text\n<!-- road:end -->\nz\n');
  assert.equal(withBlock(once, 'road', 'new $& text'), once);
});

test('a place that is missing, doubled or the wrong way round is refused', () => {
  for (const text of ['', '<!-- road:begin -->', '<!-- road:end --><!-- road:begin -->', '<!-- road:begin --><!-- road:end --><!-- road:begin --><!-- road:end -->']) {
    assert.throws(() => withBlock(text, 'road', 'x'), /needs one/, text);
  }
});

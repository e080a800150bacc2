/**
 * What Redis is asked to do in one step each. All keys of a call lie under one hash tag. Lua knows only doubles, so cells
 * are never computed in it: HINCRBY adds, exactly and up to 64 bits, and maxima are compared as decimals.
 */

/**
 * Claims and adds.
 * KEYS: meta, counts of claims by minute, cells, versions of cells, versions of context keys, then the claims of each minute,
 *       then the cells of each context key.
 * ARGV: most claims, most cells, first minute kept, number of minutes, most cells of a context key, 1 to write in any case;
 *       minute and end (epoch ms) of each; then for each commit: index of its minute, field, expected version, generation, state, number of
 *       increments, and of each: a or m, cell, by; then index of its context key (0: none), the key, number of its increments,
 *       and each of them.
 * Returns for each commit 0 applied, 1 claims full, 2 cells full, 3 a cell full, 4 forgotten, -1 less the generation (g of meta)
 * where the commit has another, or the claim that is there.
 * Claims of a minute that were counted and are not there have gone by an end that was set when the window was shorter; so
 * may have all of minutes that are counted no more, which are those before f of meta.
 */
export const COMMIT = `
local meta, counts, cells, versions, keyVersions = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local mostClaims, mostCells, firstKept, minutes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local mostKeyCells = tonumber(ARGV[5])
if ARGV[6] == '1' then redis.call('HINCRBY', meta, 'w', '1') end
local at = 7
local minute = {}
for i = 1, minutes do
  minute[i] = ARGV[at]
  at = at + 2
end
local function whole(n) return string.format('%.0f', n) end
local function countAgain()
  local all, total, dropped = redis.call('HGETALL', counts), 0, false
  for i = 1, #all, 2 do
    if all[i] ~= 'total' then
      if tonumber(all[i]) < firstKept then
        redis.call('HDEL', counts, all[i])
        dropped = true
      else total = total + tonumber(all[i + 1]) end
    end
  end
  if dropped then redis.call('HSET', meta, 'f', whole(math.max(firstKept, tonumber(redis.call('HGET', meta, 'f') or '0')))) end
  redis.call('HSET', counts, 'total', whole(total))
end
for i = 1, minutes do
  if redis.call('HEXISTS', counts, minute[i]) == 0 then countAgain() break end
end
local forgottenBefore = tonumber(redis.call('HGET', meta, 'f') or '0')
local forgotten = {}
for i = 1, minutes do
  forgotten[i] = tonumber(minute[i]) < forgottenBefore or redis.call('HEXISTS', counts, minute[i]) == 1 and redis.call('EXISTS', KEYS[5 + i]) == 0
end
local total = tonumber(redis.call('HGET', counts, 'total') or '0')
local version = tonumber(redis.call('HGET', meta, 'v') or '0')
local generation = tonumber(redis.call('HGET', meta, 'g') or '0')
local fresh = {}
local function less(a, b)
  local na, nb = string.sub(a, 1, 1) == '-', string.sub(b, 1, 1) == '-'
  if na ~= nb then return na end
  if na then a, b = string.sub(b, 2), string.sub(a, 2) end
  if #a ~= #b then return #a < #b end
  return a < b
end
local function negative(by)
  if string.sub(by, 1, 1) == '-' then return string.sub(by, 2) end
  return '-' .. by
end
local function roomFor(hash, most, first, count)
  local held = redis.call('HLEN', hash)
  if held + count <= most then return true end
  for i = 0, count - 1 do held = held + 1 - redis.call('HEXISTS', hash, ARGV[first + i * 3 + 1]) end
  return held <= most
end
local function takeBack(hash, undo)
  for j = #undo, 1, -1 do
    local step = undo[j]
    if step.by then
      if redis.call('HINCRBY', hash, step.cell, negative(step.by)) == 0 then redis.call('HDEL', hash, step.cell) end
    elseif step.old then redis.call('HSET', hash, step.cell, step.old)
    else redis.call('HDEL', hash, step.cell) end
  end
end
local function add(hash, first, count)
  local undo = {}
  for i = 0, count - 1 do
    local op, cell, by = ARGV[first + i * 3], ARGV[first + i * 3 + 1], ARGV[first + i * 3 + 2]
    if op == 'a' then
      local result = redis.pcall('HINCRBY', hash, cell, by)
      if type(result) == 'table' and result.err then
        takeBack(hash, undo)
        return nil
      end
      undo[#undo + 1] = { cell = cell, by = by }
    else
      local old = redis.call('HGET', hash, cell)
      if not old or less(old, by) then
        redis.call('HSET', hash, cell, by)
        undo[#undo + 1] = { cell = cell, old = old }
      end
    end
  end
  return undo
end
local function addBoth(first, count, key, keyFirst, keyCount)
  local undo = add(cells, first, count)
  if not undo then return false end
  if key and not add(key, keyFirst, keyCount) then
    takeBack(cells, undo)
    return false
  end
  return true
end
local out = {}
while at <= #ARGV do
  local m, field, expected, reckoned, state, count = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), ARGV[at + 4], tonumber(ARGV[at + 5])
  local first = at + 6
  at = first + count * 3
  local key, context, keyCount = tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2])
  local keyFirst = at + 3
  at = keyFirst + keyCount * 3
  key = key > 0 and KEYS[5 + minutes + key] or nil
  local claims = KEYS[5 + m]
  local current = redis.call('HGET', claims, field)
  local held = current and struct.unpack('>I4', current) or 0
  local said = 0
  if reckoned ~= generation then said = -1 - generation
  elseif held ~= expected then said = current or ''
  elseif held == 0 and forgotten[m] then said = 4
  elseif held == 0 and total >= mostClaims then said = 1
  elseif not roomFor(cells, mostCells, first, count) or key and not roomFor(key, mostKeyCells, keyFirst, keyCount) then said = 2
  elseif not addBoth(first, count, key, keyFirst, keyCount) then said = 3
  else
    redis.call('HSET', claims, field, struct.pack('>I4', held + 1) .. state)
    if held == 0 then
      total = total + 1
      fresh[m] = (fresh[m] or 0) + 1
    end
    if count + keyCount > 0 then
      version = version + 1
      for i = 0, count - 1 do redis.call('ZADD', versions, whole(version), ARGV[first + i * 3 + 1]) end
      if keyCount > 0 then redis.call('ZADD', keyVersions, whole(version), context) end
    end
  end
  out[#out + 1] = said
end
for m, n in pairs(fresh) do
  redis.call('HINCRBY', counts, minute[m], n)
  if redis.call('PEXPIRETIME', KEYS[5 + m]) < tonumber(ARGV[6 + m * 2]) then redis.call('PEXPIREAT', KEYS[5 + m], ARGV[6 + m * 2]) end
end
redis.call('HSET', counts, 'total', whole(total))
redis.call('HSET', meta, 'v', whole(version))
return out`;

/** KEYS: the claims, or the index, of each minute. ARGV: the end of each (epoch ms), where it is no earlier than the one that they have. */
export const KEEP = `
for i = 1, #KEYS do redis.call('PEXPIREAT', KEYS[i], ARGV[i], 'GT') end
return 0`;

/**
 * Cells that have changed since a version, in pages.
 * KEYS: meta, cells, versions of cells. ARGV: version known, most cells of a page.
 * Returns epoch, version reached, 1 where there is more, then cell and value of each.
 */
export const CHANGES = `
local meta, cells, versions = KEYS[1], KEYS[2], KEYS[3]
local most = tonumber(ARGV[2])
local now = redis.call('HGET', meta, 'v') or '0'
local found = redis.call('ZRANGEBYSCORE', versions, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', '0', tostring(most))
local reached, more, last = now, 0, #found
if #found / 2 == most and found[2] ~= found[#found] then
  more = 1
  while found[last] == found[#found] do last = last - 2 end
  reached = found[last]
end
local out = { redis.call('HGET', meta, 'e') or '0', reached, more }
for i = 1, last, 2 do
  local value = redis.call('HGET', cells, found[i])
  if value then
    out[#out + 1] = found[i]
    out[#out + 1] = value
  end
end
return out`;

/** KEYS: meta, cells, versions of cells. ARGV: the cells to remove; none: all of them, and another generation begins. Brokers read all that is left again. */
export const REMOVE = `
if #ARGV == 0 then
  redis.call('DEL', KEYS[2], KEYS[3])
  redis.call('HINCRBY', KEYS[1], 'g', '1')
end
for i = 1, #ARGV do
  redis.call('HDEL', KEYS[2], ARGV[i])
  redis.call('ZREM', KEYS[3], ARGV[i])
end
redis.call('HINCRBY', KEYS[1], 'v', '1')
return redis.call('HINCRBY', KEYS[1], 'e', '1')`;

/**
 * Drops context keys unless they changed since, and says to brokers who hold them that they are to be read again.
 * KEYS: meta, versions of context keys, then the cells of each key. ARGV: 1 to say it; then key and its version of each, or -1 for any.
 */
export const DROP_KEYS = `
for i = 1, #KEYS - 2 do
  local context, known = ARGV[i * 2], ARGV[i * 2 + 1]
  if known == '-1' or redis.call('ZSCORE', KEYS[2], context) == known then
    redis.call('ZREM', KEYS[2], context)
    redis.call('UNLINK', KEYS[i + 2])
  end
end
if ARGV[1] ~= '1' then return 0 end
redis.call('HINCRBY', KEYS[1], 'v', '1')
return redis.call('HINCRBY', KEYS[1], 'e', '1')`;

/** KEYS: journal, then the index of each minute. ARGV: number of minutes, the end of each (epoch ms); then index of its minute, place and record of each. */
export const APPEND = `
local minutes = tonumber(ARGV[1])
for i = 2 + minutes, #ARGV, 3 do
  local id = redis.call('XADD', KEYS[1], '*', 'p', ARGV[i + 1], 'r', ARGV[i + 2])
  redis.call('HSET', KEYS[1 + tonumber(ARGV[i])], ARGV[i + 1], id)
end
for m = 1, minutes do
  if redis.call('PEXPIRETIME', KEYS[1 + m]) < tonumber(ARGV[1 + m]) then redis.call('PEXPIREAT', KEYS[1 + m], ARGV[1 + m]) end
end
return #ARGV`;

/** KEYS: journal, then the index of each minute. ARGV: index of its minute and place of each. Returns records, or false. */
export const READ = `
local out = {}
for i = 1, #ARGV, 2 do
  local id = redis.call('HGET', KEYS[1 + tonumber(ARGV[i])], ARGV[i + 1])
  local found = id and redis.call('XRANGE', KEYS[1], id, id) or {}
  out[#out + 1] = found[1] and found[1][2][4] or false
end
return out`;

/** KEYS: lease. ARGV: who, how long (ms). Returns 1 where it is theirs. */
export const LEASE = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

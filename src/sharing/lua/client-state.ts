// What a shard keeps of a client whatever the rules: its blocks, its floor, its grace; joined as blocks/record/join.ts does.

/**
 * The hash `c` has a JSON object for each client, which the reading host checks (changes.ts): `f` floor; `lj`, `lh` the lift
 * that set it, with its host; `g`, `ga`, `gj`, `gh` the grace, likewise; `b` blocks, the one that holds first; `m` former
 * blocks, as pairs of rule and time. A block: `s` since, `u` until, `r` rule, `k` its rank where times are equal, `j` the
 * change, `h` its host. The sorted set `i` says until when each client is kept.
 */
export const CLIENT_STATE = `
local MAX_SHADOWED = 8
local MAX_FORMER = 100
local MAX_KEPT = 400 * DAY

local function newState()
  return { f = 0, g = 0, ga = 0, b = {}, m = {} }
end

local function isBlock(b)
  if type(b) ~= 'table' or type(b.s) ~= 'number' or type(b.u) ~= 'number' then return false end
  return type(b.r) == 'string' and type(b.k) == 'string' and type(b.j) == 'string' and type(b.h) == 'string'
end

local function isState(c)
  if type(c) ~= 'table' or type(c.f) ~= 'number' or type(c.g) ~= 'number' then return false end
  if type(c.ga) ~= 'number' or type(c.b) ~= 'table' or type(c.m) ~= 'table' then return false end
  for _, block in ipairs(c.b) do
    if not isBlock(block) then return false end
  end
  for _, former in ipairs(c.m) do
    if type(former) ~= 'table' or type(former[2]) ~= 'number' then return false end
  end
  return true
end

local states, endings = shard .. ':c', shard .. ':i'
local MAX_REMOVED = 100

-- What is damaged is nothing.
local function stateOf(text)
  local isRead, c = pcall(cjson.decode, text or '')
  if isRead and isState(c) then return c end
  return newState()
end

local function saveState(client, c, remembered)
  local ending = math.max(c.f, c.g, c.b[1] and c.b[1].u or 0)
  if #c.m > 0 then ending = math.max(ending, c.m[#c.m][2] + remembered) end
  local known = tonumber(owned('ZSCORE', endings, client) or 0)
  ending = math.min(math.max(ending + DAY, now + DAY, known), now + MAX_KEPT)
  owned('HSET', states, client, cjson.encode(c))
  redis.call('ZADD', endings, whole(ending), client)
  local keep = whole(math.max(ending - now, redis.call('PTTL', endings)))
  redis.call('PEXPIRE', states, keep)
  redis.call('PEXPIRE', endings, keep)
  for _, over in ipairs(redis.call('ZRANGEBYSCORE', endings, '-inf', whole(now), 'LIMIT', 0, MAX_REMOVED)) do
    redis.call('HDEL', states, over)
    redis.call('ZREM', endings, over)
  end
end

-- Strings compare by the locale of the server otherwise.
local function isUpTo(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a <= #b
end

local function covers(block, other)
  if block.s == other.s and block.u == other.u then return isUpTo(block.k, other.k) end
  return block.s >= other.s and block.u >= other.u
end

local function joinBlock(c, block)
  if block.s < c.f then return false end
  local kept = { block }
  for _, known in ipairs(c.b) do
    if covers(known, block) then return false end
    if not covers(block, known) then table.insert(kept, known) end
  end
  table.sort(kept, function(a, b) return a.u > b.u end)
  while #kept > MAX_SHADOWED + 1 do table.remove(kept) end
  c.b = kept
  return true
end

local function joinFloor(c, floor)
  if floor <= c.f then return false end
  c.f = floor
  local kept = {}
  for _, block in ipairs(c.b) do
    if block.s >= floor then table.insert(kept, block) end
  end
  c.b = kept
  return true
end

-- A block that is shadowed ends before the one that holds.
local function settle(c, at)
  local block = c.b[1]
  if not block or at < block.u then return false end
  c.f = math.max(c.f, block.u, block.s + 1)
  c.b = {}
  return true
end

local function removeFormer(c, rule, since)
  local kept = {}
  for _, former in ipairs(c.m) do
    if former[1] ~= rule or former[2] ~= since then table.insert(kept, former) end
  end
  c.m = kept
end
`;

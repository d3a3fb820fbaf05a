// The script that joins a change of one host with what the server knows, and puts it into the stream.

/**
 * ARGV: host, the change as JSON, its type, what it concerns, its time, its end or, for the end of a block, the floor; the
 * rank of a block among others of the same time; when the block began that ends; 1 where the change was made just now.
 *
 * Returns the ID in the stream.
 */
export const PUBLISH = `
local host, text, event, subject = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local at, ending = tonumber(ARGV[5]), tonumber(ARGV[6])
local rank, since, isFresh = ARGV[7], tonumber(ARGV[8]), ARGV[9] == '1'
local MAX_ENTRIES = 2000
local change = cjson.decode(text)

local function publishBlock(c)
  local isJoined = joinBlock(c, { s = at, u = ending, r = change.rule, k = rank, j = text, h = host })
  if isJoined and not change.by then
    table.insert(c.m, { change.rule, at })
    table.sort(c.m, function(a, b) return a[2] < b[2] end)
    while #c.m > MAX_FORMER do table.remove(c.m, 1) end
  end
  return isJoined
end

-- Who lifts a block now means every block that there is, also one that this host has not heard of.
local function publishLift(c)
  local block, floor = c.b[1], ending
  removeFormer(c, change.rule, since)
  if isFresh then
    for _, known in ipairs(c.b) do ending = math.max(ending, known.s + 1) end
  end
  if ending > floor then
    change.rule, change.since = block.r, ending - 1
    text = cjson.encode(change)
  end
  if block and block.s < ending then removeFormer(c, block.r, block.s) end
  if not joinFloor(c, ending) then return false end
  c.lj, c.lh = text, host
  return true
end

local function publishGrace(c)
  if at < c.ga or (at == c.ga and ending <= c.g) then return false end
  c.g, c.ga, c.gj, c.gh = ending, at, text, host
  return true
end

-- Of what is said of one entry, the latest holds.
local function publishEntry()
  local key = shard .. ':a'
  local stored = owned('HGET', key, subject)
  local isRead, known = pcall(cjson.decode, stored or '')
  if isRead and type(known) == 'table' and (tonumber(known.at) or 0) > at then return end
  local keep = math.max(ending - now, 0) + 7 * DAY
  redis.call('HSET', key, subject, cjson.encode({ at = at, keep = now + keep, h = host, j = text }))
  redis.call('PEXPIRE', key, whole(math.min(math.max(keep, redis.call('PTTL', key)), MAX_KEPT)))
  if redis.call('HLEN', key) <= MAX_ENTRIES then return end
  local entries = redis.call('HGETALL', key)
  local first, firstKeep = entries[1], math.huge
  for i = 1, #entries, 2 do
    local isEntry, one = pcall(cjson.decode, entries[i + 1])
    local ends = isEntry and type(one) == 'table' and tonumber(one.keep) or 0
    if ends < firstKeep then first, firstKeep = entries[i], ends end
  end
  redis.call('HDEL', key, first)
end

local function publishTurn()
  local key = shard .. ':t'
  local isRead, known = pcall(cjson.decode, owned('GET', key) or '')
  if isRead and type(known) == 'table' and (tonumber(known.at) or 0) > at then return end
  redis.call('SET', key, cjson.encode({ at = at, h = host, j = text }), 'PX', whole(2 * DAY))
end

local ofClient = { block = publishBlock, ['end'] = publishLift, grace = publishGrace }
local ofAll = { allow = publishEntry, disallow = publishEntry, breaker = publishTurn }
if ofClient[event] then
  local c = stateOf(owned('HGET', states, subject))
  if ofClient[event](c) then saveState(subject, c, 0) end
elseif ofAll[event] then
  ofAll[event]()
end
local id = announce(host, text)
wake()
return { setAside, { id } }
`;

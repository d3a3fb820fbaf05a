// The script that counts the events of a batch, each once, and starts the blocks that they lead to.

/**
 * ARGV: host, source and numbering; when the breaker opened, or 0; the events, six values each: number, key, time, kind,
 * and two that depend on it; the number up to which events are repeated, and not judged; the highest number that the host
 * knows to be applied: where it is not, events before it are lost, and must come before these. The rules stand in the
 * script itself (server/count-script.ts). All is written at the end: an error, such as that of a full server, leaves
 * nothing half done.
 *
 * Returns the highest number that was applied before.
 */
export const COUNT = `
-- Stamps that lie further ahead are not believed.
local MAX_AHEAD = 60000
local NUMBERS_KEPT = 14 * DAY
local MAX_NUMBERINGS = 4
-- ms after events that are repeated, in which other hosts repeat theirs.
local REPEATING = 3000

local numbersKey = shard .. ':n:' .. host .. '/' .. source
local function numbersOf(text)
  local known = {}
  if not text then return known end
  local isRead, numbers = pcall(cjson.decode, text)
  if not isRead or type(numbers) ~= 'table' then
    putAside(numbersKey)
    return known
  end
  for _, pair in ipairs(numbers) do
    if type(pair) == 'table' and type(pair[1]) == 'string' and tonumber(pair[2]) then table.insert(known, pair) end
  end
  return known
end

local numbers, before = { { numbering, '0' } }, 0
for _, pair in ipairs(numbersOf(owned('GET', numbersKey))) do
  if pair[1] == numbering then
    before = tonumber(pair[2])
  elseif #numbers < MAX_NUMBERINGS then
    table.insert(numbers, pair)
  end
end
if before < tonumber(ARGV[7]) then return { setAside, { whole(before) } } end
local highest = before

-- Entries of the stream, written last.
local changes = {}

-- Returns the floor of the client.
local function endBlockBy(client, at)
  local c = client.state
  if not c then return 0 end
  if settle(c, at) then client.isStateChanged = true end
  local floor = c.f
  if floor == 0 then return 0 end
  if ignoreBefore(windowFor(client), floor) then client.isWindowChanged = true end
  if restart(goodFor(client), floor) then client.isGoodChanged = true end
  return floor
end

local function startBlock(client, rule, codes, since)
  local c, w = client.state or newState(), client.window
  client.state = c
  local ends = since + lengthAfter(c, rule, since)
  local change = {
    version = plan.version, event = 'block', ip = client.key, rule = rule.name, at = since, ['until'] = ends,
    count = rule.limit, enforced = true, classes = classesOf(w.events, rule, codes, since),
  }
  if isInStanding(goodFor(client), since) then change.inStanding = true end
  local text = cjson.encode(change)
  local rank = cjson.encode({ rule.name, rule.limit, cjson.null, cjson.null })
  joinBlock(c, { s = since, u = ends, r = rule.name, k = rank, j = text, h = host })
  addFormer(c, rule, since)
  w.events, w.failures, w.spared = {}, {}, {}
  client.isStateChanged = true
  changes[#changes + 1] = text
end

-- It is announced once in each time of the rule.
local function spare(client, rule, at, reason, bad, good)
  local known = client.window.spared[rule.name]
  local isKnown = known and at < known[2] + rule.within
  local isDue = not isKnown or at >= known[1] + rule.within
  client.window.spared[rule.name] = { isDue and at or known[1], math.max(at, isKnown and known[2] or 0) }
  if not isDue then return end
  table.insert(changes, cjson.encode({
    version = plan.version, event = 'spared', ip = client.key, rule = rule.name, at = at, reason = reason, bad = bad, good = good,
    share = rule.share, enforced = true,
  }))
end

local function isSparedByBreaker(g, at)
  if breakerOpened == 0 then return false end
  return isInStanding(g, at) or isInStanding(g, math.min(at, breakerOpened))
end

-- While hosts repeat events, what a client did well may still be missing.
local isAnyRepeated = false
local repeatingKey = shard .. ':r'
local isRepeatingKnown, isRepeating
local function areHostsRepeating()
  if not isRepeatingKnown then
    isRepeating = isAnyRepeated or owned('GET', repeatingKey) and true
    isRepeatingKnown = true
  end
  return isRepeating
end

-- No block starts then. All events are kept for the next judgement.
local function defer(client, rule, at)
  client.window.spared[rule.name] = { at - rule.within, at }
end

local function judge(client, index, at, floor, isRepeated)
  local rule, c, w = plan.rules[index], client.state, client.window
  if #w.events < rule.limit then return end
  if c and (c.b[1] or at < c.g) then return end
  if not codesOfRule then readDetails() end
  local codes = codesOfRule[index]
  local since, count
  if at == timeOf(w.events[#w.events]) then
    count = countOfNewest(w, index, codes, floor)
    since = count >= rule.limit and at
  else
    since = filledAt(w.events, rule, codes, floor, at)
  end
  if not since then return end
  if isRepeated or areHostsRepeating() then return defer(client, rule, since) end
  local g = goodFor(client)
  local bad, good, isMet = shareAt(w, g, rule, codes, floor, since, count)
  if not isMet then
    spare(client, rule, since, 'share', bad, good)
  elseif isSparedByBreaker(g, since) then
    spare(client, rule, since, 'breaker', bad, good)
  else
    startBlock(client, rule, codes, since)
  end
end

-- A failure before a login of its user is forgiven, also where it is read after that.
local function codeOf(client, at, code, user)
  if code ~= FAILURE or user == 0 or not plan.forgives then return code end
  return lastLogin(goodFor(client), user) >= at and FORGIVEN or code
end

local function countAbuse(client, at, given, user, isRepeated)
  local code = codeOf(client, at, given, user)
  local rules = plan.byCode[code + 1]
  if not rules or rules == 0 then return end
  local floor = endBlockBy(client, at)
  local c = client.state
  if at < floor or (c and c.b[1]) then return end
  local w = windowFor(client)
  client.isWindowChanged = true
  local isWhole = wholeCodes(c, w, at)
  addEvent(w, at, code, isWhole)
  if user ~= 0 and code == FAILURE and plan.needsUsers then addFailure(w, at, user) end
  trimFailures(w, isWhole[FAILURE + 1])
  if type(rules) == 'number' then return judge(client, rules, at, floor, isRepeated) end
  for _, index in ipairs(rules) do judge(client, index, at, floor, isRepeated) end
end

local function countGood(client, at, kind, value)
  local floor = endBlockBy(client, at)
  local g, seconds = goodFor(client), floorOf(at / 1000)
  if kind == LOGIN then
    see(g, seconds, true)
    login(g, value < 0 and NAMELESS or math.min(value, NAMELESS - 1), math.max(1, at))
    if value >= 0 and plan.forgives and forgive(windowFor(client), value, at) then client.isWindowChanged = true end
  elseif at >= floor then
    see(g, seconds, kind == MESSAGE)
    if kind == MESSAGE then
      addGood(g, 'messages', seconds, 1)
      addGood(g, 'recipients', seconds, value)
    else
      addGood(g, 'connections', seconds, 1)
    end
  elseif kind == MESSAGE then
    see(g, seconds, true)
  else
    return
  end
  client.isGoodChanged = true
end

local repeatedTo = tonumber(ARGV[6])
for i = 1, #events, 6 do
  local given, at, kind = events[i], math.min(events[i + 2], now + MAX_AHEAD), events[i + 3]
  if given > highest then
    highest = given
    local client = clients[events[i + 1]]
    isAnyRepeated = isAnyRepeated or given <= repeatedTo
    if kind == ABUSE then
      countAbuse(client, at, events[i + 4], events[i + 5], given <= repeatedTo)
    else
      countGood(client, at, kind, events[i + 4])
    end
  end
end

if isAnyRepeated then redis.call('SET', repeatingKey, '1', 'PX', REPEATING) end
numbers[1][2] = whole(highest)
redis.call('SET', numbersKey, cjson.encode(numbers), 'PX', whole(NUMBERS_KEPT))
local windowPairs, standingPairs, otherPairs = {}, {}, {}
for _, client in ipairs(order) do
  local key, w, g = client.key, client.window, client.good
  if client.isWindowChanged then
    if #w.events == 0 and next(w.spared) == nil then
      if windowValues[key] then remove(windows, key) end
    else
      windowPairs[#windowPairs + 1] = key
      windowPairs[#windowPairs + 1] = packedWindow(w)
    end
  end
  if client.isGoodChanged then
    local pairs = g[NEWEST] > 0 and standingPairs or otherPairs
    pairs[#pairs + 1] = key
    pairs[#pairs + 1] = cmsgpack.pack(unpack(g))
    if client.isAmongOthers and g[NEWEST] > 0 then remove(others, key) end
  end
  if client.isStateChanged then saveState(key, client.state, plan.longestRepeat) end
end
store(windows, windowPairs)
store(standing, standingPairs)
store(others, otherPairs)
for _, text in ipairs(changes) do announce(host, text) end
if #changes > 0 then wake() end
return { setAside, { whole(before) } }
`;

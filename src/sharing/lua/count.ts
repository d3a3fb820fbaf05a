// The script that counts the events of a batch, each once, and starts the blocks that they lead to.

/**
 * ARGV: the plan of the rules; host, source and numbering; when the breaker opened, or 0; the events, six values each:
 * number, key, time, kind, and two that depend on it. All is read with one call and written at the end: an error, such as
 * that of a full server, leaves nothing half done.
 *
 * Returns the highest number that was applied before.
 */
export const COUNT_ARGUMENTS = `
local plan = cjson.decode(ARGV[1])
`;

export const COUNT = `
local host, source, numbering = ARGV[2], ARGV[3], ARGV[4]
local breakerOpened = tonumber(ARGV[5])
local events = cjson.decode(ARGV[6])
local ABUSE, MESSAGE, LOGIN = 0, 1, 2
-- Stamps that lie further ahead are not believed.
local MAX_AHEAD = 60000
local NUMBERS_KEPT = 14 * DAY
local MAX_NUMBERINGS = 4

local numbersKey = shard .. ':n:' .. host .. '/' .. source
local keys, clients, order = { numbersKey }, {}, {}
for i = 2, #events, 6 do
  local key = events[i]
  if not clients[key] then
    local client = {
      key = key,
      stateKey = shard .. ':c:' .. key,
      windowKey = shard .. ':w:' .. plan.digest .. ':' .. key,
      goodKey = shard .. ':g:' .. plan.digest .. ':' .. key,
    }
    clients[key] = client
    table.insert(order, client)
    table.insert(keys, client.stateKey)
    table.insert(keys, client.windowKey)
    table.insert(keys, client.goodKey)
  end
end
local values = redis.call('MGET', unpack(keys))
for i, client in ipairs(order) do
  client.state = stateOf(client.stateKey, values[3 * i - 1])
  client.window = windowOf(client.windowKey, values[3 * i])
  client.good = goodOf(client.goodKey, values[3 * i + 1])
end

local function numbersOf(text)
  local isRead, numbers = pcall(cjson.decode, text or '[]')
  if not isRead or type(numbers) ~= 'table' then return {} end
  local known = {}
  for _, pair in ipairs(numbers) do
    if type(pair) == 'table' and type(pair[1]) == 'string' and tonumber(pair[2]) then table.insert(known, pair) end
  end
  return known
end

local numbers, before = { { numbering, '0' } }, 0
for _, pair in ipairs(numbersOf(values[1])) do
  if pair[1] == numbering then
    before = tonumber(pair[2])
  elseif #numbers < MAX_NUMBERINGS then
    table.insert(numbers, pair)
  end
end
local highest = before

-- Entries of the stream, written last.
local changes = {}

local function endBlockBy(client, at)
  if settle(client.state, at) then client.isStateChanged = true end
  local floor = client.state.f
  if ignoreBefore(client.window, floor) then client.isWindowChanged = true end
  if restart(client.good, floor) then client.isGoodChanged = true end
end

local function startBlock(client, rule, codes, since)
  local c, w = client.state, client.window
  local ends = since + lengthAfter(c, rule, since)
  local change = {
    version = plan.version, event = 'block', ip = client.key, rule = rule.name, at = since, ['until'] = ends, count = rule.limit, enforced = true,
    classes = classesOf(w.events, rule, codes, since),
  }
  if isInStanding(client.good, since) then change.inStanding = true end
  local text = cjson.encode(change)
  local rank = cjson.encode({ rule.name, rule.limit, cjson.null, cjson.null })
  joinBlock(c, { s = since, u = ends, r = rule.name, k = rank, j = text, h = host })
  addFormer(c, rule, since)
  w.events, w.failures, w.spared = {}, {}, {}
  client.isStateChanged = true
  table.insert(changes, text)
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

local function judge(client, index, at)
  local rule, codes = plan.rules[index], codesOfRule[index]
  local c, w = client.state, client.window
  if #w.events < rule.limit or c.b[1] or at < c.g then return end
  local since = filledAt(w.events, rule, codes, c.f, at)
  if not since then return end
  local bad, good, isMet = shareAt(w, client.good, rule, codes, c.f, since)
  if not isMet then
    spare(client, rule, since, 'share', bad, good)
  elseif isSparedByBreaker(client.good, since) then
    spare(client, rule, since, 'breaker', bad, good)
  else
    startBlock(client, rule, codes, since)
  end
end

-- A failure before a login of its user is forgiven, also where it is read after that.
local function codeOf(client, at, code, user)
  if code ~= FAILURE or user == 0 or not plan.forgives then return code end
  return lastLogin(client.good, user) >= at and FORGIVEN or code
end

local function countAbuse(client, at, given, user)
  local code = codeOf(client, at, given, user)
  local rules = plan.byCode[code + 1]
  if not rules or #rules == 0 then return end
  local c, w = client.state, client.window
  endBlockBy(client, at)
  if at < c.f or c.b[1] then return end
  client.isWindowChanged = true
  local isWhole = wholeCodes(c, w, at)
  addEvent(w, at, code, isWhole)
  if user ~= 0 and code == FAILURE and plan.needsUsers then addFailure(w, at, user) end
  trimFailures(w, isWhole[FAILURE + 1])
  for _, index in ipairs(rules) do judge(client, index, at) end
end

local function countGood(client, at, kind, value)
  endBlockBy(client, at)
  local g, seconds = client.good, math.floor(at / 1000)
  if kind == LOGIN then
    see(g, seconds, true)
    login(g, value < 0 and NAMELESS or math.min(value, NAMELESS - 1), math.max(1, at))
    if value >= 0 and plan.forgives and forgive(client.window, value, at) then client.isWindowChanged = true end
  elseif at >= client.state.f then
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

for i = 1, #events, 6 do
  local given, at, kind = events[i], math.min(events[i + 2], now + MAX_AHEAD), events[i + 3]
  if given > highest then
    highest = given
    local client = clients[events[i + 1]]
    if kind == ABUSE then
      countAbuse(client, at, events[i + 4], events[i + 5])
    else
      countGood(client, at, kind, events[i + 4])
    end
  end
end

local function save(key, text, keep)
  redis.call('SET', key, text, 'PX', whole(keep))
end

numbers[1][2] = whole(highest)
save(numbersKey, cjson.encode(numbers), NUMBERS_KEPT)
for _, client in ipairs(order) do
  if client.isWindowChanged then
    if #client.window.events == 0 and next(client.window.spared) == nil then
      redis.call('DEL', client.windowKey)
    else
      save(client.windowKey, packedWindow(client.window), plan.longest + HOUR)
    end
  end
  if client.isGoodChanged then
    local keep = client.good.newest > 0 and math.max(DAY, 2 * plan.longest) or 2 * plan.longest
    save(client.goodKey, packedGood(client.good), keep + HOUR)
  end
  if client.isStateChanged then saveState(client.key, client.stateKey, client.state, plan.longestRepeat) end
end
for _, text in ipairs(changes) do announce(host, text) end
if #changes > 0 then wake() end
return { setAside, { whole(before) } }
`;

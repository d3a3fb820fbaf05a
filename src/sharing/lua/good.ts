// What a client did well in a script: as blocks/good keeps it on one host.

/**
 * `g:DIGEST:KEY` is five MessagePack values: the floor that was applied last; when the client was last seen; its newest
 * mail or login (both in s, 0 for none); for each counter of the plan the sums of its present period and of the one before;
 * users, and when each last logged in (ms), in turn.
 */
export const GOOD = `
local MAX_USERS = 256
local STALE = 2 * DAY
local NAMELESS = 2 ^ 48 - 1
local MAX_SUM = 2 ^ 32 - 1

local function newGood()
  local sums = {}
  for i = 1, 2 * #plan.counters do sums[i] = 0 end
  return { floor = 0, latest = 0, newest = 0, sums = sums, users = {} }
end

local function unpackedGood(text)
  local floor, latest, newest, sums, users = cmsgpack.unpack(text)
  local g = { floor = floor + 0, latest = latest + 0, newest = newest + 0, sums = {}, users = users }
  for i = 1, 2 * #plan.counters do g.sums[i] = (sums[i] or 0) + 0 end
  for i = 1, #users do users[i] = users[i] + 0 end
  return g
end

local function goodOf(key, text)
  if not text then return newGood() end
  local isRead, g = pcall(unpackedGood, text)
  if isRead then return g end
  putAside(key)
  return newGood()
end

local function packedGood(g)
  return cmsgpack.pack(g.floor, g.latest, g.newest, g.sums, g.users)
end

-- The end of a block sets the counts to zero; standing and users stay. Returns whether there were any.
local function restart(g, floor)
  if floor <= g.floor then return false end
  g.floor = floor
  local isAny = false
  for i = 1, #g.sums do
    isAny = isAny or g.sums[i] > 0
    g.sums[i] = 0
  end
  return isAny
end

local function periodOf(seconds, within)
  return math.floor(seconds * 1000 / within)
end

local function see(g, seconds, isMail)
  if seconds > g.latest then
    for i, counter in ipairs(plan.counters) do
      local periods = periodOf(seconds, counter[2]) - periodOf(g.latest, counter[2])
      if periods == 1 then g.sums[2 * i] = g.sums[2 * i - 1] end
      if periods > 1 then g.sums[2 * i] = 0 end
      if periods > 0 then g.sums[2 * i - 1] = 0 end
    end
    g.latest = seconds
  end
  if isMail and seconds > g.newest then g.newest = seconds end
end

local function addGood(g, sort, seconds, count)
  for i, counter in ipairs(plan.counters) do
    if counter[1] == sort then
      local place = 2 * i - 1 + periodOf(g.latest, counter[2]) - periodOf(seconds, counter[2])
      if place == 2 * i - 1 or place == 2 * i then g.sums[place] = math.min(g.sums[place] + count, MAX_SUM) end
    end
  end
end

local function goodWithin(g, sort, within, at)
  for i, counter in ipairs(plan.counters) do
    if counter[1] == sort and counter[2] == within then
      local current, previous = g.sums[2 * i - 1], g.sums[2 * i]
      local age = math.floor(at / within) - periodOf(g.latest, within)
      local rest = 1 - (at / within - math.floor(at / within))
      if age == 0 then return math.floor(current + previous * rest + 0.5) end
      if age == 1 then return math.floor(current * rest + 0.5) end
      return age < 0 and current + previous or 0
    end
  end
  return 0
end

local function login(g, user, at)
  local users = g.users
  local count = #users
  if count == 0 or users[1] == user then
    users[1], users[2] = user, math.max(at, users[2] or 0)
    return
  end
  local known, oldest = nil, 3
  for i = 3, count, 2 do
    if users[i] == user then known = i end
    if users[i + 1] < users[oldest + 1] then oldest = i end
  end
  local isFull = count >= 2 * MAX_USERS
  local oldestAt = users[oldest + 1] or 0
  local function isReplaceable(last)
    return at - last >= STALE or (isFull and last <= math.min(at, oldestAt))
  end
  if known then
    users[known + 1] = math.max(users[known + 1], at)
  elseif isReplaceable(users[2]) then
    users[1], users[2] = user, at
  elseif count > 2 and isReplaceable(oldestAt) then
    users[oldest], users[oldest + 1] = user, at
  elseif not isFull then
    users[count + 1], users[count + 2] = user, at
  end
end

local function lastLogin(g, user)
  user = math.min(user, NAMELESS - 1)
  for i = 1, #g.users, 2 do
    if g.users[i] == user then return g.users[i + 1] end
  end
  return 0
end

-- Logins whose user is not known are one, and only if no other is.
local function usersSince(g, from)
  local named, nameless = 0, 0
  for i = 1, #g.users, 2 do
    if g.users[i + 1] >= from then
      if g.users[i] == NAMELESS then nameless = 1 else named = named + 1 end
    end
  end
  return named > 0 and named or nameless
end

local function isInStanding(g, at)
  return g.newest > 0 and math.abs(at - g.newest * 1000) < DAY
end
`;

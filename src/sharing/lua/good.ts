// What a client did well in a script: as blocks/good keeps it on one host.

/**
 * The fields of `g:DIGEST:PERIOD` (periods.ts) are clients in good standing, those of `k:DIGEST:PERIOD` others. A value is a
 * row of MessagePack numbers: the floor that was applied last; when the client was last seen; its newest mail or login (both
 * in s, 0 for none); for each counter of the plan the sum of its present period and of the one before; then users, and when
 * each last logged in (ms), in turn.
 */
export const GOOD = `
local MAX_USERS = 256
local STALE = 2 * DAY
local NAMELESS = 2 ^ 48 - 1
local MAX_SUM = 2 ^ 32 - 1
local FLOOR, LATEST, NEWEST, SUMS = 1, 2, 3, 4
local sorts, lengths = plan.sorts, plan.lengths
local USERS = SUMS + 2 * #sorts

local NOTHING = {}
for i = 1, USERS - 1 do NOTHING[i] = 0 end

local function newGood()
  return { unpack(NOTHING) }
end

-- Raises an error where the row is none of good counts.
local function goodOf(text)
  local g = { unpackRow(text) }
  local count, sum = #g, 0
  for i = 1, count do sum = sum + g[i] end
  if count < USERS - 1 or (count - USERS) % 2 == 0 then error('of another form') end
  return g
end

-- The end of a block sets the counts to zero; standing and users stay. Returns whether there were any.
local function restart(g, floor)
  if floor <= g[FLOOR] then return false end
  g[FLOOR] = floor
  local isAny = false
  for i = SUMS, USERS - 1 do
    isAny = isAny or g[i] > 0
    g[i] = 0
  end
  return isAny
end

-- Periods of a length between two times (ms).
local function periodsBetween(from, to, length)
  return ((to - to % length) - (from - from % length)) / length
end

local function see(g, seconds, isMail)
  local latest = g[LATEST]
  if seconds > latest then
    for i = 1, #lengths do
      local periods = periodsBetween(latest * 1000, seconds * 1000, lengths[i])
      if periods > 0 then
        local place = SUMS + 2 * i - 2
        g[place + 1] = periods == 1 and g[place] or 0
        g[place] = 0
      end
    end
    g[LATEST] = seconds
  end
  if isMail and seconds > g[NEWEST] then g[NEWEST] = seconds end
end

local function addGood(g, sort, seconds, count)
  for i = 1, #sorts do
    if sorts[i] == sort then
      local age = periodsBetween(seconds * 1000, g[LATEST] * 1000, lengths[i])
      if age == 0 or age == 1 then
        local place = SUMS + 2 * i - 2 + age
        g[place] = math.min(g[place] + count, MAX_SUM)
      end
    end
  end
end

local function goodWithin(g, sort, within, at)
  for i = 1, #sorts do
    if sorts[i] == sort and lengths[i] == within then
      local current, previous = g[SUMS + 2 * i - 2], g[SUMS + 2 * i - 1]
      local age = periodsBetween(g[LATEST] * 1000, at, within)
      local rest = 1 - (at / within - math.floor(at / within))
      if age == 0 then return math.floor(current + previous * rest + 0.5) end
      if age == 1 then return math.floor(current * rest + 0.5) end
      return age < 0 and current + previous or 0
    end
  end
  return 0
end

local function login(g, user, at)
  local last = #g
  if last < USERS or g[USERS] == user then
    g[USERS], g[USERS + 1] = user, math.max(at, g[USERS + 1] or 0)
    return
  end
  local known, oldest = nil, USERS + 2
  for i = USERS + 2, last, 2 do
    if g[i] == user then known = i end
    if g[i + 1] < g[oldest + 1] then oldest = i end
  end
  local isFull = last - USERS + 1 >= 2 * MAX_USERS
  local oldestAt = g[oldest + 1] or 0
  local function isReplaceable(time)
    return at - time >= STALE or (isFull and time <= math.min(at, oldestAt))
  end
  if known then
    g[known + 1] = math.max(g[known + 1], at)
  elseif isReplaceable(g[USERS + 1]) then
    g[USERS], g[USERS + 1] = user, at
  elseif last > USERS + 1 and isReplaceable(oldestAt) then
    g[oldest], g[oldest + 1] = user, at
  elseif not isFull then
    g[last + 1], g[last + 2] = user, at
  end
end

local function lastLogin(g, user)
  user = math.min(user, NAMELESS - 1)
  for i = USERS, #g, 2 do
    if g[i] == user then return g[i + 1] end
  end
  return 0
end

-- Logins whose user is not known are one, and only if no other is.
local function usersSince(g, from)
  local named, nameless = 0, 0
  for i = USERS, #g, 2 do
    if g[i + 1] >= from then
      if g[i] == NAMELESS then nameless = 1 else named = named + 1 end
    end
  end
  return named > 0 and named or nameless
end

local function isInStanding(g, at)
  return g[NEWEST] > 0 and math.abs(at - g[NEWEST] * 1000) < DAY
end
`;

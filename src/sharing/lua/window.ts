// The abuse of a client in a script: as blocks/events/window.ts, whole-window.ts and failures.ts keep it on one host.

/**
 * The fields of `w:DIGEST:PERIOD` (periods.ts) are clients. A value is a row of MessagePack (packing.ts): the floor that was
 * applied last, then the stamps of events (time and code in one number) in order, each but the first as the difference to
 * the one before. Where there is more, or where events are many, it is four: -1 less the floor; the stamps as an array; time
 * and user of failures in turn; by rule when the client was last spared, and when that was last told. Windows are those of
 * hosts with the same rules.
 *
 * `plan` is what count-script.ts makes of the rules. Codes are those of blocks/events/codes.ts; arrays begin at 1 here.
 */
export const WINDOW = `
local CODES = 32
local MAX_EVENTS = 10000
local EVERY = 256
local FAILURE, FORGIVEN = plan.failure, plan.forgiven

local function timeOf(stamp)
  return (stamp - stamp % CODES) / CODES
end

-- failures and spared: false for none
local function newWindow()
  return { floor = 0, events = {}, failures = false, spared = false, counts = false, isChanged = false, isStored = false }
end

-- Raises an error where the row is none of a window.
local function windowWith(floor, ...)
  local w = { floor = floor, events = false, failures = false, spared = false, counts = false, isChanged = false, isStored = true }
  local events
  if floor >= 0 then
    events = { ... }
  else
    local failures, spared
    events, failures, spared = ...
    next(events)
    next(failures)
    for i = 1, #failures do failures[i] = failures[i] + 0 end
    for _, one in pairs(spared) do one[1], one[2] = one[1] + 0, one[2] + 0 end
    w.floor, w.failures, w.spared = -1 - floor, #failures > 0 and failures, next(spared) ~= nil and spared
  end
  local stamp = 0
  for i = 1, #events do
    stamp = stamp + events[i]
    events[i] = stamp
  end
  w.events = events
  return w
end

local function windowOf(text)
  return windowWith(unpackRow(text))
end

local function packedWindow(w)
  local events, failures, spared = w.events, w.failures, w.spared
  if not failures and not spared and #events <= EVERY then
    local row = { w.floor, unpack(events) }
    for i = #row, 3, -1 do row[i] = row[i] - row[i - 1] end
    return packedRow(row)
  end
  local steps, stamp = {}, 0
  for i = 1, #events do
    steps[i] = events[i] - stamp
    stamp = events[i]
  end
  return packedRow({ -1 - w.floor, steps, failures or {}, spared or {} })
end

-- Nothing from before the floor counts, nor does it speak for a client that it was spared then.
local function ignoreBefore(w, floor)
  if floor <= w.floor then return false end
  local events, failures = {}, {}
  for _, stamp in ipairs(w.events) do
    if timeOf(stamp) >= floor then table.insert(events, stamp) end
  end
  for i = 1, #(w.failures or {}), 2 do
    if w.failures[i] >= floor then
      table.insert(failures, w.failures[i])
      table.insert(failures, w.failures[i + 1])
    end
  end
  for rule, one in pairs(w.spared or {}) do
    if one[2] < floor then w.spared[rule] = nil end
  end
  w.floor, w.events, w.failures = floor, events, #failures > 0 and failures
  if w.spared and next(w.spared) == nil then w.spared = false end
  return true
end

-- The events that are kept: within their time, and of each code that is not whole no more than the highest limit.
local function retained(events, isWhole, mostOfAll)
  local within, limit = detailed().within, detailed().limit
  local newest, seen, kept = timeOf(events[#events]), {}, {}
  for i = #events, 1, -1 do
    if #kept > mostOfAll then break end
    local stamp = events[i]
    local at = timeOf(stamp)
    local code = stamp - at * CODES + 1
    local most = limit[code]
    seen[code] = (seen[code] or 0) + 1
    -- A code that is none stands in a damaged window.
    if most and (isWhole[code] or seen[code] <= most) and newest - at < within[code] then
      table.insert(kept, stamp)
    end
  end
  local count = #kept
  for i = 1, math.floor(count / 2) do kept[i], kept[count + 1 - i] = kept[count + 1 - i], kept[i] end
  return kept
end

-- Inserts the stamp of an event that comes late.
local function insertEvent(w, stamp)
  local events = w.events
  local place = #events
  while place > 0 and events[place] > stamp do place = place - 1 end
  place = place + 1
  table.insert(events, place, stamp)
  for _, known in pairs(w.counts or {}) do
    if known.events == events and place <= known.last then
      known.last = known.last + 1
      if place < known.first then
        known.first = known.first + 1
      elseif known.codes[stamp % CODES + 1] then
        known.count = known.count + 1
      end
    end
  end
end

-- The codes of which all events count: a client is over the limit of their rules, and perhaps not blocked.
local NO_CODES = {}
local function wholeCodes(c, w, at)
  local isGraced = c and c.g > 0 and at < c.g + plan.longest
  if not isGraced and not w.spared then return NO_CODES end
  local codes = {}
  for i, rule in ipairs(detailed().rules) do
    local spared = w.spared and w.spared[rule.name]
    local isSpared = spared and at < spared[2] + rule.within
    if isSpared or (isGraced and rule.share > 0) then
      for code in pairs(detailed().codes[i]) do codes[code] = true end
    end
  end
  return codes
end

-- isWhole: by code, those of which all events count.
local function addEvent(w, at, code, isWhole)
  local events, stamp = w.events, at * CODES + code
  local count = #events
  if count == 0 or events[count] <= stamp then events[count + 1] = stamp else insertEvent(w, stamp) end
  count = count + 1
  if isWhole == NO_CODES or next(isWhole) == nil then
    local span = timeOf(events[count]) - timeOf(events[1])
    if count > 1 and (count > plan.leastLimit or span >= plan.leastWithin) then
      w.events = retained(events, isWhole, count)
    end
  elseif count <= EVERY or count % EVERY == 0 or count > MAX_EVENTS then
    w.events = retained(events, isWhole, MAX_EVENTS - EVERY)
  end
end

local function addFailure(w, at, user)
  local list = w.failures or {}
  local place = #list
  while place > 0 and list[place - 1] > at do place = place - 2 end
  table.insert(list, place + 1, at)
  table.insert(list, place + 2, user)
  w.failures = list
end

local function trimFailures(w, isWhole)
  local list = w.failures
  if not list then return end
  local most = isWhole and MAX_EVENTS or plan.failureLimit
  local from = timeOf(w.events[#w.events]) - plan.failureWithin
  local dropped = math.max(0, #list - 2 * most)
  while dropped < #list and list[dropped + 1] <= from do dropped = dropped + 2 end
  if dropped == 0 then return end
  local kept = {}
  for i = dropped + 1, #list do kept[i - dropped] = list[i] end
  w.failures = #kept > 0 and kept
end

-- A login takes back the failures of its user up to its time. Returns whether there were any.
local function forgive(w, user, at)
  if not w.failures then return false end
  local left, times, isAny = {}, {}, false
  for i = 1, #w.failures, 2 do
    local time, failed = w.failures[i], w.failures[i + 1]
    if failed == user and time <= at then
      times[time] = (times[time] or 0) + 1
      isAny = true
    else
      table.insert(left, time)
      table.insert(left, failed)
    end
  end
  if not isAny then return false end
  local events = {}
  for _, stamp in ipairs(w.events) do
    local time = timeOf(stamp)
    if (times[time] or 0) == 0 or stamp - time * CODES ~= FAILURE then
      table.insert(events, stamp)
    else
      times[time] = times[time] - 1
      if plan.byCode[FORGIVEN + 1] ~= 0 then table.insert(events, time * CODES + FORGIVEN) end
    end
  end
  table.sort(events)
  w.events, w.failures = events, #left > 0 and left
  return true
end
`;

// The abuse of a client in a script: as blocks/events/window.ts, whole-window.ts and failures.ts keep it on one host.

/**
 * The fields of `w:DIGEST:PERIOD` (periods.ts) are clients. A value is four of MessagePack: the floor that was applied last; the stamps of events (time and code in one
 * number) in order, each but the first as the difference to the one before; time and user of failures in turn; by rule
 * when the client was last spared, and when that was last told. Windows are those of hosts with the same rules.
 *
 * `plan` is what count-script.ts makes of the rules. Codes are those of blocks/events/codes.ts; arrays begin at 1 here.
 */
export const WINDOW = `
local CODES = 32
local MAX_EVENTS = 10000
local EVERY = 256
local FAILURE, FORGIVEN = plan.failure, plan.forgiven

local function timeOf(stamp)
  return math.floor(stamp / CODES)
end

local function newWindow()
  return { floor = 0, events = {}, failures = {}, spared = {}, counts = false }
end

local function unpackedWindow(text)
  local floor, events, failures, spared = cmsgpack.unpack(text)
  local w = { floor = floor + 0, events = events, failures = failures, spared = spared, counts = false }
  local stamp = 0
  for i = 1, #events do
    stamp = stamp + events[i]
    events[i] = stamp
  end
  for i = 1, #failures do failures[i] = failures[i] + 0 end
  for _, one in pairs(spared) do one[1], one[2] = one[1] + 0, one[2] + 0 end
  return w
end

-- What is damaged is nothing.
local function windowOf(text)
  local isRead, w = pcall(unpackedWindow, text or '')
  return isRead and w or newWindow()
end

local function packedWindow(w)
  local steps, stamp = {}, 0
  for i, event in ipairs(w.events) do
    steps[i] = event - stamp
    stamp = event
  end
  return cmsgpack.pack(w.floor, steps, w.failures, w.spared)
end

-- Nothing from before the floor counts, nor does it speak for a client that it was spared then.
local function ignoreBefore(w, floor)
  if floor <= w.floor then return false end
  local events, failures = {}, {}
  for _, stamp in ipairs(w.events) do
    if timeOf(stamp) >= floor then table.insert(events, stamp) end
  end
  for i = 1, #w.failures, 2 do
    if w.failures[i] >= floor then
      table.insert(failures, w.failures[i])
      table.insert(failures, w.failures[i + 1])
    end
  end
  for rule, one in pairs(w.spared) do
    if one[2] < floor then w.spared[rule] = nil end
  end
  w.floor, w.events, w.failures = floor, events, failures
  return true
end

-- The events that are kept: within their time, and of each code that is not whole no more than the highest limit.
local function retained(events, isWhole, most)
  local newest, seen, kept = timeOf(events[#events]), {}, {}
  for i = #events, 1, -1 do
    if #kept > most then break end
    local stamp = events[i]
    local at = timeOf(stamp)
    local code = stamp - at * CODES + 1
    seen[code] = (seen[code] or 0) + 1
    if (isWhole[code] or seen[code] <= plan.limit[code]) and newest - at < plan.within[code] then
      table.insert(kept, stamp)
    end
  end
  local count = #kept
  for i = 1, math.floor(count / 2) do kept[i], kept[count + 1 - i] = kept[count + 1 - i], kept[i] end
  return kept
end

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

-- isWhole: by code, those of which all events count.
local function addEvent(w, at, code, isWhole)
  local events = w.events
  insertEvent(w, at * CODES + code)
  local count = #events
  if next(isWhole) == nil then
    local span = timeOf(events[count]) - timeOf(events[1])
    if count > 1 and (count > plan.leastLimit or span >= plan.leastWithin) then
      w.events = retained(events, isWhole, count)
    end
  elseif count <= EVERY or count % EVERY == 0 or count > MAX_EVENTS then
    w.events = retained(events, isWhole, MAX_EVENTS - EVERY)
  end
end

local function addFailure(w, at, user)
  local list = w.failures
  local place = #list
  while place > 0 and list[place - 1] > at do place = place - 2 end
  table.insert(list, place + 1, at)
  table.insert(list, place + 2, user)
end

local function trimFailures(w, isWhole)
  local list = w.failures
  if #list == 0 then return end
  local most = isWhole and MAX_EVENTS or plan.limit[FAILURE + 1]
  local from = timeOf(w.events[#w.events]) - plan.within[FAILURE + 1]
  local dropped = math.max(0, #list - 2 * most)
  while dropped < #list and list[dropped + 1] <= from do dropped = dropped + 2 end
  if dropped == 0 then return end
  local kept = {}
  for i = dropped + 1, #list do kept[i - dropped] = list[i] end
  w.failures = kept
end

-- A login takes back the failures of its user up to its time. Returns whether there were any.
local function forgive(w, user, at)
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
  w.events, w.failures = events, left
  return true
end
`;

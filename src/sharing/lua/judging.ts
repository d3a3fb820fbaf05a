// The judgement in a script: a client that reached a limit is blocked or spared, as blocks/judging.ts does it on one host.

/** `spareOrBlock` in count.ts does what is found here. Times in ms since 1970. */
export const JUDGING = `
local TOLERANCE = 1e-9

local function endsFull(events, last, rule, codes, floor)
  local newest, missing = timeOf(events[last]), rule.limit
  for i = last, 1, -1 do
    local stamp = events[i]
    local at = math.floor(stamp / CODES)
    if newest - at >= rule.within or at < floor then return false end
    if codes[stamp - at * CODES + 1] then
      missing = missing - 1
      if missing == 0 then return true end
    end
  end
  return false
end

-- When the window became full, of windows that end at or after since.
local function filledAt(events, rule, codes, floor, since)
  local last = #events
  while last > 0 and timeOf(events[last]) >= since do last = last - 1 end
  for i = last + 1, #events do
    if endsFull(events, i, rule, codes, floor) then return timeOf(events[i]) end
  end
  return nil
end

local function countUntil(events, rule, codes, floor, at)
  local count = 0
  for i = #events, 1, -1 do
    local time = timeOf(events[i])
    if time <= at then
      if at - time >= rule.within or time < floor then break end
      if codes[events[i] - time * CODES + 1] then count = count + 1 end
    end
  end
  return count
end

-- What countUntil gives for the time of the newest event. A client that is spared has thousands of events: the count of the
-- event before is carried on.
local function countOfNewest(w, index, codes, floor)
  local events, within = w.events, detailed().rules[index].within
  local count = #events
  local newest = timeOf(events[count])
  w.counts = w.counts or {}
  local known = w.counts[index]
  if not known or known.events ~= events then
    known = { events = events, codes = codes, first = 1, last = 0, count = 0 }
    w.counts[index] = known
  end
  local first, counted = known.first, known.count
  for i = known.last + 1, count do
    if codes[events[i] % CODES + 1] then counted = counted + 1 end
  end
  while first <= count do
    local time = timeOf(events[first])
    if newest - time < within and time >= floor then break end
    if codes[events[first] % CODES + 1] then counted = counted - 1 end
    first = first + 1
  end
  known.first, known.last, known.count = first, count, counted
  return counted
end

-- Users with failures that no login has taken back. A failure whose user is not known is a user of its own.
-- count: of the rule, where it is known.
local function usersThatFailed(w, g, rule, codes, floor, at, count)
  local failures = not codes[FORGIVEN + 1] and count
  if not failures then
    local unforgiven = {}
    for code in pairs(codes) do
      if code ~= FORGIVEN + 1 then unforgiven[code] = true end
    end
    failures = countUntil(w.events, rule, unforgiven, floor, at)
  end
  local from = math.max(floor, at - rule.within + 1)
  local named, users, seen = 0, 0, {}
  local list = w.failures or {}
  for i = #list - 1, 1, -2 do
    local time, user = list[i], list[i + 1]
    if time < from then break end
    if time <= at then
      named = named + 1
      if not seen[user] then
        seen[user] = true
        if lastLogin(g, user) < at - DAY then users = users + 1 end
      end
    end
  end
  return users + math.max(0, failures - named)
end

-- Abuse, what was good of the same sort, and whether the share of the rule is met.
local function shareAt(w, g, rule, codes, floor, at, count)
  local good, bad = 0, nil
  if rule.sort == 'logins' then
    bad = usersThatFailed(w, g, rule, codes, floor, at, count)
    if rule.share > 0 then good = usersSince(g, at - DAY) end
  else
    bad = count or countUntil(w.events, rule, codes, floor, at)
    if rule.share > 0 and rule.sort ~= '' then good = goodWithin(g, rule.sort, rule.within, at) end
  end
  local all = bad + good
  return bad, good, rule.sort == '' or bad >= rule.share * all - all * TOLERANCE
end

local function lengthAfter(c, rule, since)
  local count = 0
  if #c.m == 0 or not rule['repeat'] then return rule.blockFor end
  local terms = rule['repeat']
  for _, former in ipairs(c.m) do
    local age = since - former[2]
    if former[1] == rule.name and age > 0 and age < terms.within then count = count + 1 end
  end
  local length = math.floor(rule.blockFor * terms.factor ^ count + 0.5)
  return math.max(rule.blockFor, math.min(terms.most, length))
end

-- Of the rule, no more former blocks than can still lengthen one.
local function addFormer(c, rule, since)
  if not rule['repeat'] then return end
  local others, times, newest = {}, { since }, since
  for _, former in ipairs(c.m) do
    if former[1] ~= rule.name then
      table.insert(others, former)
    elseif former[2] ~= since then
      table.insert(times, former[2])
      newest = math.max(newest, former[2])
    end
  end
  table.sort(times)
  for i = math.max(1, #times - rule['repeat'].needed + 1), #times do
    if newest - times[i] < rule['repeat'].within then table.insert(others, { rule.name, times[i] }) end
  end
  c.m = others
end

-- Of the events that filled the window, those that have a class, by its name; nil for none.
local function classesOf(events, rule, codes, at)
  local classes, left = nil, rule.limit
  for i = #events, 1, -1 do
    local time = timeOf(events[i])
    local code = events[i] - time * CODES + 1
    if time <= at and codes[code] and left > 0 then
      left = left - 1
      local name = detailed().classes[code]
      if name and name ~= '' then
        classes = classes or {}
        classes[name] = (classes[name] or 0) + 1
      end
    end
  end
  return classes
end
`;

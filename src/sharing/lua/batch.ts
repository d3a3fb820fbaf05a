// The batch in a script, and what is known of its clients: read at the beginning, or where it turns out to be needed.

/** ARGV is that of count.ts. */
export const BATCH = `
local host, source, numbering = ARGV[1], ARGV[2], ARGV[3]
local breakerOpened = tonumber(ARGV[4])
local events = cjson.decode(ARGV[5])
local ABUSE, MESSAGE, LOGIN = 0, 1, 2

local windows = periodsOf('w', plan.longest + HOUR)
local standing = periodsOf('g', DAY + HOUR)
local others = periodsOf('k', 2 * plan.longest + HOUR)
local windowValues, goodValues = {}, {}
local clients, order = {}, {}
do
  local keys, withWindow, withGood = {}, {}, {}
  for i = 2, #events, 6 do
    local key, kind = events[i], events[i + 2]
    local client = clients[key]
    if not client then
      -- With room for all fields: a table that grows is built again each time.
      client = {
        key = key, state = false, needsWindow = false, needsGood = false, window = false, good = false,
        isWindowChanged = false, isGoodChanged = false,
      }
      clients[key] = client
      order[#order + 1] = client
      keys[#keys + 1] = key
    end
    local isNamed = plan.forgives and ((kind == ABUSE and events[i + 4] ~= 0) or (kind == LOGIN and events[i + 3] >= 0))
    if (kind == ABUSE or isNamed) and not client.needsWindow then
      client.needsWindow = true
      withWindow[#withWindow + 1] = key
    end
    if (kind ~= ABUSE or isNamed) and not client.needsGood then
      client.needsGood = true
      withGood[#withGood + 1] = key
    end
  end
  for i, text in ipairs(#keys > 0 and owned('HMGET', states, unpack(keys)) or {}) do
    if text then order[i].state = stateOf(text) end
  end
  fetch(windows, withWindow, windowValues)
  fetch(standing, withGood, goodValues)
  fetch(others, withGood, goodValues)
end

local function windowFor(client)
  local w = client.window
  if w then return w end
  local key = client.key
  if not client.needsWindow then fetch(windows, { key }, windowValues) end
  w = windowOf(windowValues[key])
  client.window = w
  return w
end

local function goodFor(client)
  local g = client.good
  if g then return g end
  local key = client.key
  if not client.needsGood then
    fetch(standing, { key }, goodValues)
    fetch(others, { key }, goodValues)
  end
  g = goodOf(goodValues[key])
  client.good = g
  if goodValues[key] and g[NEWEST] == 0 then client.isAmongOthers = true end
  return g
end
`;

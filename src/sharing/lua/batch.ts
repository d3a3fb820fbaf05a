// The batch in a script, and what is known of its clients: read at the beginning, or where it turns out to be needed.

/**
 * ARGV is that of count.ts. A client is its place among the keys. Those whose window is needed come first, those whose good
 * counts are needed last.
 */
export const BATCH = `
local host, source, numbering = ARGV[1], ARGV[2], ARGV[3]
local breakerOpened = tonumber(ARGV[4])
local batch = cjson.decode(ARGV[5])
local lastWindow, firstGood, keys, events = batch[1], batch[2], batch[3], batch[4]
`;

/** Is read, and saved at the end. */
export const KNOWN = `
local windowKinds = { periodsOf('w', plan.longest + HOUR) }
local goodKinds = { periodsOf('g', DAY + HOUR), periodsOf('k', 2 * plan.longest + HOUR) }

local clientStates = #keys > 0 and owned('HMGET', states, unpack(keys)) or {}
for i = 1, #keys do
  if clientStates[i] then clientStates[i] = stateOf(clientStates[i]) end
end

local function readWindows(first, last)
  return openAll(fetch(first, last, windowKinds), windowOf, newWindow)
end

local windows = readWindows(1, lastWindow)
local function windowFor(client)
  local w = windows[client]
  if not w then
    w = readWindows(client, client)[1]
    windows[client] = w
  end
  return w
end

-- Clients without a good mail or login: when they have one, their value moves.
local areOthers = {}
local function readGood(first, last)
  local goods = openAll(fetch(first, last, goodKinds), goodOf, newGood)
  for i = 1, last - first + 1 do
    local g = goods[i]
    if g[NEWEST] == 0 and g[LATEST] > 0 then areOthers[first + i - 1] = true end
  end
  return goods
end

-- Of the clients from firstGood on, and of others where needed.
local goods, moreGoods = readGood(firstGood, #keys), {}
local function goodFor(client)
  local g = goods[client - firstGood + 1] or moreGoods[client]
  if not g then
    g = readGood(client, client)[1]
    moreGoods[client] = g
  end
  return g
end

-- Clients of which the state changed, and entries of the stream; both are written last.
local stateChanged, changes = {}, {}

local function saveWindows()
  local values, count = {}, 0
  for client = 1, #keys do
    local w = windows[client]
    if w and w.isChanged then
      if #w.events > 0 or w.spared then
        values[count + 1], values[count + 2] = keys[client], packedWindow(w)
        count = count + 2
      elseif w.isStored then
        remove(windowKinds[1], keys[client])
      end
    end
  end
  store(windowKinds[1], values, count)
end

local function saveGood(changed)
  local standing, others = {}, {}
  local standingCount, othersCount = 0, 0
  for client = 1, #keys do
    if changed[client] then
      local g = goodFor(client)
      if g[NEWEST] > 0 then
        standing[standingCount + 1], standing[standingCount + 2] = keys[client], packedRow(g)
        standingCount = standingCount + 2
        if areOthers[client] then remove(goodKinds[2], keys[client]) end
      else
        others[othersCount + 1], others[othersCount + 2] = keys[client], packedRow(g)
        othersCount = othersCount + 2
      end
    end
  end
  store(goodKinds[1], standing, standingCount)
  store(goodKinds[2], others, othersCount)
end
`;

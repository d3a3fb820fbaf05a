// The counts of many clients under few keys: a hash for each period, of which the last two are read.

/**
 * A key for each client would need three times the memory and the time. A value is written to the hash of the present
 * period, and found there or in that of the period before; so it is kept for one to two periods.
 * Periods of the shards begin at different moments: a hash that expires is removed in one step.
 *
 * The field '' marks a hash whose end is set: setting it with each value would take longer than writing the value.
 */
export const PERIODS = `
local function periodsOf(kind, length)
  local shift = number * length / 64
  local period = math.floor((now + shift) / length)
  local name = shard .. ':' .. kind .. ':' .. plan.digest .. ':'
  return { name .. whole(period), name .. whole(period - 1), ends = (period + 2) * length - shift }
end

-- Adds the values of those clients that have none yet.
local function fetch(periods, clients, values)
  for i = 1, 2 do
    local missing = {}
    for _, client in ipairs(clients) do
      if not values[client] then missing[#missing + 1] = client end
    end
    if #missing == 0 then return end
    for j, value in ipairs(owned('HMGET', periods[i], unpack(missing))) do values[missing[j]] = value end
  end
end

-- Clients and values in turn.
local function store(periods, pairs)
  if #pairs == 0 then return end
  local count = #pairs
  pairs[count + 1], pairs[count + 2] = '', ''
  if owned('HSET', periods[1], unpack(pairs)) > count / 2 then
    redis.call('PEXPIREAT', periods[1], whole(periods.ends))
  end
end

local function remove(periods, client)
  for i = 1, 2 do owned('HDEL', periods[i], client) end
end
`;

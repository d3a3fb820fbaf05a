// The counts of many clients under few keys: a hash for each period, of which the last two are read.

/**
 * A key for each client would need three times the memory and the time. A value is written to the hash of the present
 * period, and found there or in that of the period before; so it is kept for one to two periods.
 * Periods of the shards begin at different moments: a hash that expires is removed in one step.
 *
 * The field '' marks a hash whose end is set: setting it with each value would take longer than writing the value. Its value
 * is longer than `hash-max-listpack-value` (64 bytes as shipped): otherwise a server searches a hash of up to 512 clients
 * from its beginning (hashTypeTryConversion in t_hash.c of Redis 7.0).
 */
export const PERIODS = `
local function periodsOf(kind, length)
  local shift = number * length / 64
  local period = math.floor((now + shift) / length)
  return {
    name = shard .. ':' .. kind .. ':' .. plan.digest .. ':', newest = period, ends = (period + 2) * length - shift,
  }
end

-- age: 0 for the present period, 1 for the one before
local function hashOf(periods, age)
  local name = periods[age]
  if not name then
    name = periods.name .. whole(periods.newest - age)
    periods[age] = name
  end
  return name
end

-- The values of the clients from first to last in the first hash that has one; false for none. The present period of the
-- first kind comes first, then the one before, then the same of the next kind.
local function fetch(first, last, kinds)
  if first > last then return {} end
  local values = owned('HMGET', hashOf(kinds[1], 0), unpack(keys, first, last))
  local missing, places, count
  for step = 1, 2 * #kinds - 1 do
    if not missing then
      count, missing, places = 0, {}, {}
      for i = 1, last - first + 1 do
        if not values[i] then
          count = count + 1
          missing[count], places[count] = keys[first + i - 1], i
        end
      end
      if count == 0 then break end
    end
    local found = owned('HMGET', hashOf(kinds[math.floor(step / 2) + 1], step % 2), unpack(missing))
    for i = 1, count do
      if found[i] then
        values[places[i]] = found[i]
        missing = nil
      end
    end
  end
  return values
end

local MARK = string.rep('-', 65)

-- Clients and values in turn.
local function store(periods, values, count)
  if count == 0 then return end
  values[count + 1], values[count + 2] = '', MARK
  if owned('HSET', hashOf(periods, 0), unpack(values)) > count / 2 then
    redis.call('PEXPIREAT', hashOf(periods, 0), whole(periods.ends))
  end
end

local function remove(periods, key)
  for age = 0, 1 do owned('HDEL', hashOf(periods, age), key) end
end
`;

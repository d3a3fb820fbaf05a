// The beginning of every script: the shard, the server's clock, keys of other programs, and the stream of changes.

/**
 * KEYS[1] names the shard; the scripts derive all other keys from it, which lie in its slot. Times are ms since 1970.
 *
 * A key that another program wrote must not stop the shard for ever: it gets another name, and the caller is told.
 *
 * Every script returns the keys that it set aside, each with its new name, and then a list of texts.
 */
export const PRELUDE = `
local shard = KEYS[1]
local prefix, number = string.match(shard, '^(.*):{pb:(%d+)}$')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local HOUR = 3600000
local DAY = 24 * HOUR

-- Exact for integers up to 2^53, which tostring and cjson are not.
local function whole(value)
  return string.format('%.0f', value)
end

-- Names what the shard holds: it is missing in one that was emptied.
local generationKey = shard .. ':g'
local GENERATION_KEPT = 30 * DAY

local setAside = {}
local function putAside(key)
  local name = shard .. ':x:' .. whole(now) .. ':' .. string.sub(key, #shard + 2)
  redis.call('RENAME', key, name)
  redis.call('PEXPIRE', name, 7 * DAY)
  table.insert(setAside, key)
  table.insert(setAside, name)
end

local function owned(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) == 'table' and reply.err then
    if string.find(reply.err, 'WRONGTYPE', 1, true) then putAside(key) end
    return redis.call(command, key, ...)
  end
  return reply
end

-- The longest shipped block, and a day. A host that was away for longer reads all blocks instead.
local STREAM_KEPT = 3 * DAY
local STREAM_LENGTH = 10000

local function announce(host, text)
  local stream = shard .. ':s'
  local id = owned('XADD', stream, 'MINID', '~', whole(now - STREAM_KEPT), '*', 'host', host, 'change', text)
  if redis.call('XLEN', stream) > STREAM_LENGTH then redis.call('XTRIM', stream, 'MAXLEN', STREAM_LENGTH) end
  redis.call('PEXPIRE', stream, STREAM_KEPT)
  return id
end

local function wake()
  redis.call('PUBLISH', prefix .. ':wake', number)
end
`;

// The scripts about the hosts: their reports, the lease of a name, and the answers to what one asks.

/**
 * ARGV: host, token of this process, report as JSON, a random name for what the server holds. Returns that name as it is
 * known, the clock, 1 where another process uses the name of the host, and how many hosts reported within a minute.
 */
export const REPORT = `
local host, token, report, generation = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local LEASE = 3000
local MINUTE = 60000
local hosts, live, lease = shard .. ':h', shard .. ':v', shard .. ':l:' .. host
local known, holder = owned('GET', generationKey), owned('GET', lease)
redis.call('SET', generationKey, known or generation, 'PX', GENERATION_KEPT)
local isTaken = holder and holder ~= token
-- A copy of the server may have lost the time of a lease, and a clock that is set back makes it longer.
if isTaken then
  local left = redis.call('PTTL', lease)
  isTaken = left >= 0 and left <= LEASE
end
if not isTaken then
  redis.call('SET', lease, token, 'PX', LEASE)
  local text = cjson.decode(report)
  text.seen = now
  owned('HSET', hosts, host, cjson.encode(text))
  redis.call('PEXPIRE', hosts, whole(7 * DAY))
  owned('ZADD', live, whole(now), host)
  redis.call('PEXPIRE', live, whole(DAY))
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', live, '-inf', whole(now - DAY), 'LIMIT', 0, 100)) do
    redis.call('ZREM', live, gone)
  end
end
local count = owned('ZCOUNT', live, whole(now - MINUTE), '+inf')
return { setAside, { known or generation, whole(now), isTaken and '1' or '0', whole(count) } }
`;

/** ARGV: the generation. */
export const BEGIN = `
redis.call('SET', generationKey, ARGV[1], 'PX', GENERATION_KEPT)
return { setAside, {} }
`;

/** ARGV: host and token. */
export const LEAVE = `
local lease = shard .. ':l:' .. ARGV[1]
if owned('GET', lease) == ARGV[2] then redis.call('DEL', lease) end
return { setAside, {} }
`;

/** Returns host and report in turn. A host that did not report for a week is removed. */
export const HOSTS = `
local hosts = shard .. ':h'
local reply = {}
if redis.call('TYPE', hosts).ok ~= 'hash' then return { setAside, reply } end
local all = redis.call('HGETALL', hosts)
for i = 1, #all, 2 do
  local isRead, report = pcall(cjson.decode, all[i + 1])
  local seen = isRead and type(report) == 'table' and tonumber(report.seen) or 0
  if seen < now - 7 * DAY then
    redis.call('HDEL', hosts, all[i])
  else
    table.insert(reply, all[i])
    table.insert(reply, all[i + 1])
  end
end
return { setAside, reply }
`;

/** ARGV: ID of the question, host that answers, host that asks, the answer. */
export const ANSWER = `
local answers = shard .. ':q:' .. ARGV[1]
if owned('LLEN', answers) < 2 * 1000 then
  redis.call('RPUSH', answers, ARGV[2], ARGV[4])
  redis.call('PEXPIRE', answers, 10000)
  redis.call('PUBLISH', prefix .. ':answers:' .. ARGV[3], ARGV[1])
end
return { setAside, {} }
`;

/** ARGV: ID of the question; how many values are read already. Returns host and answer in turn, up to 4 MiB. */
export const ANSWERS = `
local answers = shard .. ':q:' .. ARGV[1]
local from, bytes, reply = tonumber(ARGV[2]), 0, {}
if redis.call('TYPE', answers).ok ~= 'list' then return { setAside, reply } end
for i = from, redis.call('LLEN', answers) - 2, 2 do
  local pair = redis.call('LRANGE', answers, i, i + 1)
  bytes = bytes + #pair[1] + #pair[2]
  if bytes > 4194304 then break end
  table.insert(reply, pair[1])
  table.insert(reply, pair[2])
end
return { setAside, reply }
`;

// The time in which hosts repeat events to a shard that has lost them, and in which no block starts there.

/**
 * The key `r` stands for that time: until all hosts have repeated theirs, or for three seconds after the last event that
 * was repeated. The hash `d` has the hosts that are done, and under '' how many there were before the loss, 0 where nobody
 * knows.
 */
export const REPEATING = `
local HELD = 3000
local repeatingKey, doneKey = shard .. ':r', shard .. ':d'

-- Events of a host were repeated.
local function hold(host)
  -- It was done already: this is another loss, and what hosts said after the one before does not count.
  if owned('HGET', doneKey, host) then redis.call('DEL', doneKey) end
  redis.call('SET', repeatingKey, '1', 'PX', HELD)
end
`;

/** ARGV: a host that has repeated all its events, and how many hosts it knew before the loss, or 0. */
export const REPEATED = `
local host, known = ARGV[1], tonumber(ARGV[2])
local hosts = math.max(known, tonumber(owned('HGET', doneKey, '') or 0) or 0)
redis.call('HSET', doneKey, '', whole(hosts), host, '1')
redis.call('PEXPIRE', doneKey, 60000)
if hosts > 0 and redis.call('HLEN', doneKey) > hosts then
  redis.call('DEL', repeatingKey)
else
  -- Also where this host had nothing to repeat: others may have.
  redis.call('SET', repeatingKey, '1', 'PX', HELD, 'NX')
end
return { setAside, {} }
`;

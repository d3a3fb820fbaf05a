// The scripts that read: the stream of a shard, and all that a shard knows.

/**
 * ARGV: the ID after which to read, and the most entries. Returns 1 where none after that ID was trimmed, then host and
 * change of each entry behind its ID.
 */
export const READ = `
local after, most = ARGV[1], tonumber(ARGV[2])
local MAX_BYTES = 4194304
local stream = shard .. ':s'
redis.call('PEXPIRE', generationKey, GENERATION_KEPT)
local read = tonumber(string.match(after, '^%d+')) or 0
local isComplete = read >= now - STREAM_KEPT
local isStream = redis.call('TYPE', stream).ok == 'stream'
local entries, reply = {}, {}
if isStream then
  local isFull = redis.call('XLEN', stream) >= STREAM_LENGTH
  if isFull and #redis.call('XRANGE', stream, '-', after, 'COUNT', 1) == 0 then isComplete = false end
  entries = redis.call('XRANGE', stream, '(' .. after, '+', 'COUNT', most)
end
reply[1] = isComplete and '1' or '0'
local bytes = 0
for _, entry in ipairs(entries) do
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  local host, change = fields.host or '', fields.change or ''
  bytes = bytes + #host + #change
  if bytes > MAX_BYTES then break end
  table.insert(reply, entry[1])
  table.insert(reply, host)
  table.insert(reply, change)
end
return { setAside, reply }
`;

/**
 * ARGV: where to go on, 0 at the beginning. Returns where to go on, 0 at the end; an ID up to which this includes the stream, and after which a reading is complete; then of each
 * client `c` with its key and state, of each allow entry and turn of the breaker `o`, the host and the change.
 */
export const READ_ALL = `
local function typeOf(key)
  return redis.call('TYPE', key).ok
end

local stream, states, entriesKey, turnKey = shard .. ':s', shard .. ':c', shard .. ':a', shard .. ':t'
local cursor, reply = ARGV[1], { '0', whole(now - 1) .. '-0' }
if typeOf(stream) == 'stream' then
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  if last then reply[2] = last[1] end
end
if typeOf(states) == 'hash' then
  local scan = redis.call('HSCAN', states, cursor, 'COUNT', 200)
  reply[1] = scan[1]
  for i = 1, #scan[2], 2 do
    table.insert(reply, 'c')
    table.insert(reply, scan[2][i])
    table.insert(reply, scan[2][i + 1])
  end
end

local function add(text)
  local isRead, one = pcall(cjson.decode, text)
  if not isRead or type(one) ~= 'table' or type(one.h) ~= 'string' or type(one.j) ~= 'string' then return end
  table.insert(reply, 'o')
  table.insert(reply, one.h)
  table.insert(reply, one.j)
end

if cursor == '0' then
  if typeOf(entriesKey) == 'hash' then
    for _, text in ipairs(redis.call('HVALS', entriesKey)) do add(text) end
  end
  add(redis.call('MGET', turnKey)[1] or '')
end
return { setAside, reply }
`;

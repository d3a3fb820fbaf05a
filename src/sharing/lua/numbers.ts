// Which events of a source the server has counted: the highest number of each of its numberings.

/**
 * The key `n:HOST/SOURCE` has a JSON array of pairs, the numbering and its highest number, both as text; the newest first.
 * Sets `before`, the highest number that was applied before, and `otherNumbers`, the JSON of the other pairs, each behind
 * a comma.
 */
export const NUMBERS = `
local NUMBERS_KEPT = 14 * DAY
local MAX_NUMBERINGS = 4

local numbersKey = shard .. ':n:' .. host .. '/' .. source
-- What the key begins with where this numbering is the newest, if it is as hosts name them.
local head = '[["' .. numbering .. '","'

local function readNumbers(text)
  local isRead, numbers = pcall(cjson.decode, text)
  if not isRead or type(numbers) ~= 'table' then
    putAside(numbersKey)
    return 0, ''
  end
  local before, others = 0, {}
  for _, pair in ipairs(numbers) do
    if type(pair) == 'table' and type(pair[1]) == 'string' and tonumber(pair[2]) then
      if pair[1] == numbering then
        before = tonumber(pair[2])
      elseif #others < MAX_NUMBERINGS - 1 then
        table.insert(others, ',' .. cjson.encode(pair))
      end
    end
  end
  return before, table.concat(others)
end

local before, otherNumbers = 0, ''
do
  local text = owned('GET', numbersKey)
  if text and string.sub(text, 1, #head) == head then
    local digits, rest = string.match(text, '^(%d+)"%](.*)%]$', #head + 1)
    if digits then before, otherNumbers = tonumber(digits), rest else before, otherNumbers = readNumbers(text) end
  elseif text then
    before, otherNumbers = readNumbers(text)
  end
end

local function saveNumbers(highest)
  local newest = cjson.encode({ numbering, whole(highest) })
  redis.call('SET', numbersKey, '[' .. newest .. otherNumbers .. ']', 'PX', NUMBERS_KEPT)
end
`;

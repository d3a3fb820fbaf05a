// The script that counts the events of a batch, each once, and starts the blocks that they lead to.

/**
 * ARGV: host, source and numbering; when the breaker opened, or 0; the batch (server/count-arguments.ts); the number up to
 * which events are repeated, and not judged; the highest number that the host knows to be applied: where it is not, events
 * before it are lost, and must come before these; the generation that the shard must hold, or nothing for any. The rules stand in the script itself (server/count-script.ts). All is
 * written at the end: an error, such as that of a full server, leaves nothing half done.
 *
 * Returns the highest number that was applied before, and 1 where the shard holds another generation.
 */
export const COUNT = `
if ARGV[8] ~= '' and owned('GET', generationKey) ~= ARGV[8] then return { setAside, { whole(before), '1' } } end
if before < tonumber(ARGV[7]) then return { setAside, { whole(before) } } end

-- Stamps that lie further ahead are not believed.
local MAX_AHEAD = 60000
local ABUSE, MESSAGE, LOGIN = 0, -1, -2
local goodChanged = {}

-- Returns the floor of the client.
local function endBlockBy(client, at)
  local c = clientStates[client]
  if not c then return 0 end
  if settle(c, at) then stateChanged[client] = true end
  local floor = c.f
  if floor == 0 then return 0 end
  local w = windowFor(client)
  if ignoreBefore(w, floor) then w.isChanged = true end
  if restart(goodFor(client), floor) then goodChanged[client] = true end
  return floor
end

-- While hosts repeat events, what a client did well may still be missing.
local isAnyRepeated = false
local isRepeatingKnown, isRepeating
local function areHostsRepeating()
  if not isRepeatingKnown then
    isRepeating = isAnyRepeated or owned('GET', repeatingKey) and true
    isRepeatingKnown = true
  end
  return isRepeating
end

local judge
local limits, byCode = plan.limits, plan.byCode
local function judgeAtLimit(client, index, at, floor, isRepeated)
  if #windows[client].events < limits[index] then return end
  judge = judge or newJudge()
  judge(client, index, at, floor, isRepeated or areHostsRepeating())
end

-- A failure before a login of its user is forgiven, also where it is read after that.
local function codeOf(client, at, code, user)
  if code ~= FAILURE or user == 0 or not plan.forgives then return code end
  return lastLogin(goodFor(client), user) >= at and FORGIVEN or code
end

local function countAbuse(client, at, given, user, isRepeated)
  local code = codeOf(client, at, given, user)
  local rules = byCode[code + 1]
  if not rules or rules == 0 then return end
  local floor = endBlockBy(client, at)
  local c = clientStates[client]
  if at < floor or (c and c.b[1]) then return end
  local w = windowFor(client)
  w.isChanged = true
  local isWhole = wholeCodes(c, w, at)
  addEvent(w, at, code, isWhole)
  if user ~= 0 and code == FAILURE and plan.needsUsers then addFailure(w, at, user) end
  trimFailures(w, isWhole[FAILURE + 1])
  if type(rules) == 'number' then return judgeAtLimit(client, rules, at, floor, isRepeated) end
  for _, index in ipairs(rules) do judgeAtLimit(client, index, at, floor, isRepeated) end
end

local function countGood(client, at, kind, value)
  local floor = endBlockBy(client, at)
  local g, seconds = goodFor(client), (at - at % 1000) / 1000
  if kind == LOGIN then
    see(g, seconds, true)
    login(g, value < 0 and NAMELESS or math.min(value, NAMELESS - 1), math.max(1, at))
    if value >= 0 and plan.forgives then
      local w = windowFor(client)
      if forgive(w, value, at) then w.isChanged = true end
    end
  elseif at >= floor then
    see(g, seconds, kind == MESSAGE)
    if kind == MESSAGE then
      addGood(g, 'messages', seconds, 1)
      addGood(g, 'recipients', seconds, value)
    else
      addGood(g, 'connections', seconds, 1)
    end
  elseif kind == MESSAGE then
    see(g, seconds, true)
  else
    return
  end
  goodChanged[client] = true
end

local highest, repeatedTo = before, tonumber(ARGV[6])
do
  local latest, given, time = now + MAX_AHEAD, 0, 0
  for i = 1, #events, 5 do
    given, time = given + events[i], time + events[i + 2]
    if given > highest then
      highest = given
      local client, what, at = events[i + 1], events[i + 3], time
      if at > latest then at = latest end
      local isRepeated = given <= repeatedTo
      if isRepeated then isAnyRepeated = true end
      if what >= ABUSE then
        countAbuse(client, at, what, events[i + 4], isRepeated)
      else
        countGood(client, at, what, events[i + 4])
      end
    end
  end
end

if isAnyRepeated then hold(host) end
saveNumbers(highest)
saveWindows()
saveGood(goodChanged)
for client in pairs(stateChanged) do saveState(keys[client], clientStates[client], plan.longestRepeat) end
for _, text in ipairs(changes) do announce(host, text) end
if #changes > 0 then wake() end
return { setAside, { whole(before) } }
`;

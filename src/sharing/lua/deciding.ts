// What follows for a client that has so many events as a limit: a block starts, or the client is spared.

/** Made by `newJudge` in count.ts, where it turns out to be needed. */
export const DECIDING = `
local function startBlock(client, rule, codes, since)
  local c, w = clientStates[client] or newState(), windows[client]
  clientStates[client] = c
  local ends = since + lengthAfter(c, rule, since)
  local change = {
    version = plan.version, event = 'block', ip = keys[client], rule = rule.name, at = since, ['until'] = ends,
    count = rule.limit, enforced = true, classes = classesOf(w.events, rule, codes, since),
  }
  if isInStanding(goodFor(client), since) then change.inStanding = true end
  local text = cjson.encode(change)
  local rank = cjson.encode({ rule.name, rule.limit, cjson.null, cjson.null })
  joinBlock(c, { s = since, u = ends, r = rule.name, k = rank, j = text, h = host })
  addFormer(c, rule, since)
  w.events, w.failures, w.spared = {}, false, false
  stateChanged[client] = true
  changes[#changes + 1] = text
end

-- It is announced once in each time of the rule.
local function spare(client, rule, at, reason, bad, good)
  local spared = windows[client].spared or {}
  local known = spared[rule.name]
  local isKnown = known and at < known[2] + rule.within
  local isDue = not isKnown or at >= known[1] + rule.within
  spared[rule.name] = { isDue and at or known[1], math.max(at, isKnown and known[2] or 0) }
  windows[client].spared = spared
  if not isDue then return end
  table.insert(changes, cjson.encode({
    version = plan.version, event = 'spared', ip = keys[client], rule = rule.name, at = at, reason = reason, bad = bad, good = good,
    share = rule.share, enforced = true,
  }))
end

local function isSparedByBreaker(g, at)
  if breakerOpened == 0 then return false end
  return isInStanding(g, at) or isInStanding(g, math.min(at, breakerOpened))
end

-- No block starts then. All events are kept for the next judgement.
local function defer(client, rule, at)
  local w = windows[client]
  w.spared = w.spared or {}
  w.spared[rule.name] = { at - rule.within, at }
end

-- isHeld: what the client did well may still be missing
local function judge(client, index, at, floor, isHeld)
  local rule, c, w = detailed().rules[index], clientStates[client], windows[client]
  if c and (c.b[1] or at < c.g) then return end
  local codes = detailed().codes[index]
  local since, count
  if at == timeOf(w.events[#w.events]) then
    count = countOfNewest(w, index, codes, floor)
    since = count >= rule.limit and at
  else
    since = filledAt(w.events, rule, codes, floor, at)
  end
  if not since then return end
  if isHeld then return defer(client, rule, since) end
  local g = goodFor(client)
  local bad, good, isMet = shareAt(w, g, rule, codes, floor, since, count)
  if not isMet then
    spare(client, rule, since, 'share', bad, good)
  elseif isSparedByBreaker(g, since) then
    spare(client, rule, since, 'breaker', bad, good)
  else
    startBlock(client, rule, codes, since)
  end
end
`;

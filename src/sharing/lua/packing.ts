// How values of clients are packed: rows of MessagePack.

export const PACKING = `
local unpackRow, packTable, sub = cmsgpack.unpack, cmsgpack.pack, string.sub

-- As cmsgpack.pack(unpack(values)), which makes a string of each value first. values: at least one
local function packedRow(values)
  return sub(packTable(values), #values < 16 and 2 or 4)
end

-- Opens each value in its place. What is damaged is nothing, as is what is missing.
local function openAll(values, opened, new)
  local i, count = 0, #values
  local function openRest()
    while i < count do
      i = i + 1
      local value = values[i]
      values[i] = value and opened(value) or new()
    end
  end
  while not pcall(openRest) do values[i] = new() end
  return values
end
`;

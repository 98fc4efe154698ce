-- Runs the health checks as Argo CD does: a chunk that sees one global, obj, and returns {status, message}.
local here = arg[1]
local known = { Healthy = true, Progressing = true, Degraded = true, Suspended = true, Missing = true, Unknown = true }

local function check(kind, obj)
  local environment = setmetatable({ obj = obj }, { __index = _G })
  return assert(loadfile(here .. "/health/" .. kind .. ".lua", "t", environment))()
end

local failures = 0
local cases = dofile(here .. "/tests/cases.lua")
for _, case in ipairs(cases) do
  local name, obj, status, message = case[1], case[2], case[3], case[4]
  local ran, hs = pcall(check, obj.kind, obj)
  local wrong
  if not ran then
    wrong = "the check failed: " .. tostring(hs)
  elseif not known[hs.status] or hs.status ~= status then
    wrong = "expected " .. status .. ", got " .. tostring(hs.status)
  elseif type(hs.message) ~= "string" or not hs.message:find(message) then
    wrong = "expected a message with '" .. message .. "', got '" .. tostring(hs.message) .. "'"
  end
  if wrong then
    failures = failures + 1
    io.stderr:write("FAILED ", name, ": ", wrong, "\n")
  end
end

-- What people apply must be what was tested: the ConfigMap holds the same text.
local function read(path)
  local file = assert(io.open(here .. path))
  local text = file:read("a")
  file:close()
  return text
end
local map = read("/argocd-cm.yaml")
for _, kind in ipairs({ "ModelDeployment", "ModelRevision", "ComputeTier" }) do
  local text = read("/health/" .. kind .. ".lua"):gsub("([^\n]+)", "    %1")
  local entry = "  resource.customizations.health.models.vantage.health_" .. kind .. ": |\n" .. text
  if not map:find(entry, 1, true) then
    failures = failures + 1
    io.stderr:write("FAILED argocd-cm.yaml does not hold health/", kind, ".lua as it is: run config/argocd/test.sh --write\n")
  end
end
io.stdout:write(string.format("Argo CD health checks: %d cases, %d failures\n", #cases, failures))
os.exit(failures == 0 and 0 or 1)

-- Ready: the desired revision serves on every required node. Stalled: nothing more happens by itself; after a rollback
-- the last good revision still serves (Available), yet what Git asks for does not, so the application is Degraded.
local hs = { status = "Progressing", message = "the operator has not looked at it yet" }
if obj.metadata.deletionTimestamp ~= nil then
  hs.message = "being deleted"
  return hs
end
-- A status that speaks of an older spec says nothing about this one.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return hs
end
local conditions = {}
for _, condition in ipairs(obj.status.conditions or {}) do
  conditions[condition.type] = condition
end
local ready = conditions["Ready"]
local stalled = conditions["Stalled"]
if ready ~= nil and ready.status == "True" then
  hs.status = "Healthy"
  hs.message = ready.message
elseif obj.spec.paused then
  hs.status = "Suspended"
  hs.message = "spec.paused is true: " .. (ready ~= nil and ready.message or "nothing starts")
elseif stalled ~= nil and stalled.status == "True" then
  hs.status = "Degraded"
  hs.message = stalled.reason .. ": " .. stalled.message
elseif ready ~= nil then
  hs.message = ready.reason .. ": " .. ready.message
end
return hs

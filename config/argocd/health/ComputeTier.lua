-- Nodes come and go, so runners that are not ready are Progressing; what only a person can mend is Degraded. A tier that
-- the chart installed and nobody has nodes for is fine.
local hs = { status = "Progressing", message = "the operator has not looked at it yet" }
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return hs
end
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "Ready" then
    hs.message = condition.reason .. ": " .. condition.message
    if condition.status == "True" or condition.reason == "NoNodes" then
      hs.status = "Healthy"
    elseif condition.reason == "TierOverlap" or condition.reason == "UpgradeRolledBack" then
      hs.status = "Degraded"
    end
  end
end
return hs

-- A revision is history as well as present: one that was turned back long ago must not look like an alarm of today,
-- its ModelDeployment says that. So it is Suspended, with the reason.
local hs = { status = "Progressing", message = "not rolled out yet" }
if obj.status == nil or obj.status.outcome == nil then
  return hs
end
local outcome = obj.status.outcome
if outcome == "Confirmed" then
  hs.status = "Healthy"
  hs.message = "confirmed at " .. (obj.status.confirmedAt or "an unknown time")
elseif outcome == "Superseded" then
  hs.status = "Healthy"
  hs.message = "superseded"
elseif outcome == "RolledBack" then
  hs.status = "Suspended"
  hs.message = "turned back: " .. (obj.status.message or "no reason given")
elseif outcome == "RollingOut" then
  hs.message = "rolling out"
end
return hs

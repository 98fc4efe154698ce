-- Objects as the operator leaves them, and what Argo CD must say of each.
local function deployment(generation, observed, conditions, spec, deletion)
  return {
    kind = "ModelDeployment",
    metadata = { name = "retina-seg", generation = generation, deletionTimestamp = deletion },
    spec = spec or {},
    status = observed and { observedGeneration = observed, conditions = conditions } or nil,
  }
end
local function condition(kind, status, reason, message)
  return { type = kind, status = status, reason = reason, message = message }
end
local function revision(status)
  return { kind = "ModelRevision", metadata = { name = "retina-seg-1a2b3c" }, spec = {}, status = status }
end

local function tier(generation, observed, ready)
  return {
    kind = "ComputeTier",
    metadata = { name = "jetson", generation = generation },
    spec = {},
    status = { observedGeneration = observed, conditions = ready and { ready } or nil },
  }
end

local serves = condition("Ready", "True", "Confirmed", "2.4.1 serves on 20 of 20 nodes")
local back = {
  condition("Ready", "False", "RolledBack", "2.4.2 was turned back"),
  condition("Available", "True", "RolledBack", "2.4.1 serves"),
  condition("Stalled", "True", "PreflightFailed", "node jetson-07: output mask has shape 1x1"),
}
return {
  { "a new object is Progressing", deployment(1), "Progressing", "not looked at it" },
  { "the schema's default observedGeneration is Progressing", deployment(1, -1), "Progressing", "not looked at it" },
  { "a status of an older spec says nothing", deployment(2, 1, { serves }), "Progressing", "not looked at it" },
  { "ready is Healthy", deployment(2, 2, { serves }), "Healthy", "20 of 20" },
  { "staging is Progressing and says so",
    deployment(2, 2, { condition("Ready", "False", "Staging", "staging: 3 of 20 nodes") }),
    "Progressing", "Staging: staging: 3 of 20" },
  { "a rollback is Degraded though the old version serves", deployment(2, 2, back), "Degraded", "PreflightFailed: node jetson%-07" },
  { "a paused object that is not ready is Suspended", deployment(2, 2, back, { paused = true }), "Suspended", "paused" },
  { "a paused object that is ready is Healthy", deployment(2, 2, { serves }, { paused = true }), "Healthy", "20 of 20" },
  { "no conditions yet is Progressing", deployment(1, 1), "Progressing", "" },
  { "deletion is Progressing", deployment(2, 2, { serves }, {}, "2026-03-01T00:00:00Z"), "Progressing", "being deleted" },
  { "a revision without status is Progressing", revision(nil), "Progressing", "not rolled out" },
  { "a revision on its way is Progressing", revision({ outcome = "RollingOut" }), "Progressing", "rolling out" },
  { "a confirmed revision is Healthy", revision({ outcome = "Confirmed", confirmedAt = "2026-03-01T00:00:00Z" }), "Healthy", "2026" },
  { "a superseded revision is Healthy", revision({ outcome = "Superseded" }), "Healthy", "superseded" },
  { "a revision that was turned back is no alarm", revision({ outcome = "RolledBack", message = "SoakFailed" }), "Suspended", "SoakFailed" },
  { "a new tier is Progressing", tier(1, -1), "Progressing", "not looked at it" },
  { "a tier whose runners are ready is Healthy",
    tier(1, 1, condition("Ready", "True", "RunnersReady", "every runner is ready")), "Healthy", "every runner" },
  { "a tier that nobody uses is Healthy",
    tier(1, 1, condition("Ready", "False", "NoNodes", "no node matches spec.nodeSelector")), "Healthy", "no node" },
  { "a clinic that is offline is no alarm",
    tier(1, 1, condition("Ready", "False", "RunnersNotReady", "17 of 20 runners are ready")), "Progressing", "17 of 20" },
  { "tiers that overlap are Degraded",
    tier(1, 1, condition("Ready", "False", "TierOverlap", "these nodes match")), "Degraded", "TierOverlap" },
  { "a runner image that does not come up is Degraded",
    tier(1, 1, condition("Ready", "False", "UpgradeRolledBack", "r:2 did not become ready")), "Degraded", "r:2" },
  { "an outcome of a newer operator is Progressing", revision({ outcome = "Frozen" }), "Progressing", "" },
}

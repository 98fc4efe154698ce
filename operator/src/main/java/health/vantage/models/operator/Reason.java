package health.vantage.models.operator;

/**
 * Every reason a condition, an event or a node can give: one CamelCase word, spelled as it stands in the API. Each has
 * an entry in {@code docs/operations.md}, which a test holds.
 */
public enum Reason {
    // Resolved
    Resolved,
    InvalidSpec,
    UnknownTier,
    TagNotFound,
    DigestNotFound,
    AmbiguousTags,
    MetadataMismatch,
    InvalidMetadata,
    IntegrityMismatch,
    InsecureArchive,
    UnsupportedArtifact,
    RegistryUnavailable,
    RegistryDenied,
    Downgrade,
    // Verified
    Verified,
    NoSignature,
    SignatureInvalid,
    NoAttestation,
    AttestationInvalid,
    KeyMissing,
    NotRequired,
    // Placed
    Placed,
    NoMatchingNodes,
    NoReachableNodes,
    InsufficientVRAM,
    UnknownMemory,
    UnsupportedFormat,
    IncompatibleTensorRT,
    IncompatibleCuda,
    NameConflict,
    NodeUnreachable,
    // Staged, Ready, Available, Reconciling, Stalled
    Staging,
    Staged,
    Canary,
    Committing,
    Soaking,
    Confirmed,
    Aborting,
    RolledBack,
    Quarantined,
    Paused,
    Waiting,
    Progressing,
    Settled,
    NothingServed,
    StageTimeout,
    ActivateTimeout,
    StageFailed,
    ActivateFailed,
    SoakFailed,
    Superseded,
    NodesBehind,
    DiskFull,
    PreflightFailed,
    CrashedOnLoad,
    LastGoodFailed,
    InternalError,
    EngineDown,
    // ModelNode
    Serving,
    Draining,
    NoBackend,
    AsDeclared,
    MoreThanDeclared,
    // ComputeTier
    RunnersReady,
    RunnersNotReady,
    NoNodes,
    TierOverlap,
    UpgradeRolledBack;

    /** The constant of that name, or {@code otherwise}: runners may be newer than the operator. */
    public static Reason of(String name, Reason otherwise) {
        for (Reason reason : values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        return otherwise;
    }
}

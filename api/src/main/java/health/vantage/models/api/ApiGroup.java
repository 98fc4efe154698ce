package health.vantage.models.api;

/** Names shared by everything that reads or writes the custom resources. */
public final class ApiGroup {
    public static final String GROUP = "models.vantage.health";
    public static final String VERSION = "v1alpha1";

    /** Sticky label on a node: the ComputeTier it belongs to. The runner DaemonSets select on it. */
    public static final String TIER_LABEL = GROUP + "/tier";

    /** Label on a ModelRevision: the name of its ModelDeployment. */
    public static final String DEPLOYMENT_LABEL = GROUP + "/deployment";

    /**
     * Annotation on a ModelDeployment: any new value clears its quarantine and starts a new attempt. Its value is the
     * caller's to choose; {@code kubectl model retry} writes the time.
     */
    public static final String RETRY_ANNOTATION = GROUP + "/retry";

    /** Annotation on a ModelDeployment: any new value resolves its tags once more, whatever the policy says. */
    public static final String RESOLVE_ANNOTATION = GROUP + "/resolve";

    private ApiGroup() {}
}

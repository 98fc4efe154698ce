package health.vantage.models.operator.report;

/** The conditions of a ModelDeployment, in the order in which they are shown. */
public enum ConditionType {
    /** The <em>desired</em> revision serves on every required node. */
    Ready,
    /** <em>Some</em> good revision serves. */
    Available,
    Resolved,
    Verified,
    Placed,
    Staged,
    /** Something is under way (kstatus). */
    Reconciling,
    /** Nothing more happens until a person or a tag does something (kstatus). */
    Stalled
}

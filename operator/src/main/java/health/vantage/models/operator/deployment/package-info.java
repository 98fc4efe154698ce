/**
 * The ModelDeployment's reconciler: observe, resolve, decide, write the decision, tell the nodes. In that order: what is
 * written first is what a restarted operator goes on from.
 *
 * <ol>
 * <li>{@link health.vantage.models.operator.deployment.Observed} what the API server says, read once
 * <li>{@link health.vantage.models.operator.deployment.ResolveStep} tags to a ModelRevision, when it is time
 * <li>{@link health.vantage.models.operator.deployment.AdvanceStep} one step of the attempt under way
 * <li>{@link health.vantage.models.operator.deployment.StartStep} a new attempt, if one is due and it fits
 * <li>{@link health.vantage.models.operator.deployment.StatusWriter} the decision, guarded by the resourceVersion
 * <li>{@link health.vantage.models.operator.deployment.NodeTeller} instructions, as the written phase says
 * </ol>
 */
package health.vantage.models.operator.deployment;

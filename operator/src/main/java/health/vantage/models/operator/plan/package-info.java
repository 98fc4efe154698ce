/**
 * The GPU memory gate, pure: which nodes a revision can go to, decided from labels and metadata before any pull.
 *
 * <p>{@link health.vantage.models.operator.plan.NodeReading} turns what the cluster says of a node into facts;
 * {@link health.vantage.models.operator.plan.VramLedger} says whether one demand fits one node;
 * {@link health.vantage.models.operator.plan.Planner} decides for a whole deployment, after those that go before it.
 */
package health.vantage.models.operator.plan;

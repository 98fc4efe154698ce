/**
 * All nodes or none: the rollout as a pure state machine. Time is passed in, nothing is read or written.
 *
 * <table>
 * <caption>The whole machine: one small class per state</caption>
 * <tr><th>phase</th><th>nodes are told</th><th>goes on when</th><th>turns back when</th><th>rule</th></tr>
 * <tr><td>Staging</td><td>Stage</td><td>every required node has it verified and preflighted</td>
 *     <td>a node fails, stageTimeout, the spec moved on</td><td>{@link StagingRule}</td></tr>
 * <tr><td>Canary</td><td>canaries Activate, others Stage</td><td>every canary serves it</td>
 *     <td>a canary fails, activateTimeout</td><td>{@link CanaryRule}</td></tr>
 * <tr><td>Committing</td><td>Activate</td><td>every required node serves it</td>
 *     <td>a node fails, activateTimeout</td><td>{@link CommittingRule}</td></tr>
 * <tr><td>Soaking</td><td>Activate</td><td>soak is over, and a node that serves it can be reached</td>
 *     <td>errors or latency over the limit, a node went back by itself</td><td>{@link SoakingRule}</td></tr>
 * <tr><td>Confirmed</td><td>Confirm</td><td colspan="3">settled, until something else is desired</td></tr>
 * <tr><td>Aborting</td><td>Abort</td><td>every reachable node is back</td><td>-</td><td>{@link AbortingRule}</td></tr>
 * <tr><td>RolledBack</td><td>Abort</td><td colspan="3">settled, until something else is desired</td></tr>
 * </table>
 *
 * <p>What a node is told follows from the phase alone ({@link Instructions}), so a restarted operator says the same.
 * How many nodes may be lost on the way is the quorum's to say ({@link Progress}).
 */
package health.vantage.models.operator.rollout;

/**
 * The node's part in a rollout. Instructions come from the ModelNode's spec (or from the command line), one worker per model carries them
 * out, the journal remembers, the status tells.
 *
 * <table>
 * <caption>What an instruction makes the worker do</caption>
 * <tr><th>step</th><th>work</th><th>ends in state</th></tr>
 * <tr><td>Stage</td><td>{@link health.vantage.models.runner.node.Staging}: pull, verify, preflight, load beside if memory allows</td><td>Staged</td></tr>
 * <tr><td>Activate</td><td>Stage if it was missed, then {@link health.vantage.models.runner.node.Activation}: swap</td><td>Active</td></tr>
 * <tr><td>Confirm</td><td>Activate if it was missed, then last good moves and the cache is pruned</td><td>Confirmed</td></tr>
 * <tr><td>Abort</td><td>{@link health.vantage.models.runner.node.Reversion}: back to last good from the disk</td><td>Reverted</td></tr>
 * <tr><td>(none: process starts)</td><td>{@link health.vantage.models.runner.node.Restoration}: what the journal says, never what failed here</td><td>Active, Confirmed or Reverted</td></tr>
 * <tr><td>(none: failing soak)</td><td>{@link health.vantage.models.runner.node.SoakGuard}, then Reversion</td><td>Reverted</td></tr>
 * </table>
 */
package health.vantage.models.runner.node;

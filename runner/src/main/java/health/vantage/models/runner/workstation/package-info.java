/**
 * A runner that is told what to serve by a file instead of by Kubernetes. It looks for moved tags itself and takes the same steps as in a
 * cluster: stage, preflight, swap, soak, confirm, or back to the last good version.
 *
 * <table>
 * <caption>Where to look</caption>
 * <tr><td>{@link health.vantage.models.runner.workstation.WorkstationFile}</td><td>from YAML to values, with errors that name the path</td></tr>
 * <tr><td>{@link health.vantage.models.runner.workstation.WishResolver}</td><td>from a capability or range to a digest; remembers the answer for a start without a network</td></tr>
 * <tr><td>{@link health.vantage.models.runner.workstation.NextInstruction}</td><td>the decision: what the node is told next, values in, value out</td></tr>
 * <tr><td>{@link health.vantage.models.runner.workstation.Workstation}</td><td>the loop around it</td></tr>
 * </table>
 */
package health.vantage.models.runner.workstation;

/**
 * The runner: serves the models of one node, swaps their versions without dropping a request, and goes back to the last good
 * one by itself.
 *
 * <table>
 * <caption>Where to look</caption>
 * <tr><td>{@code tensor}</td><td>data types, shapes, pooled off-heap buffers</td></tr>
 * <tr><td>{@code backend}</td><td>what executes a model: ONNX Runtime on the CPU; others are found by {@link java.util.ServiceLoader}</td></tr>
 * <tr><td>{@code model}</td><td>one loaded version (reference counted) and the slot that swaps versions</td></tr>
 * <tr><td>{@code load}</td><td>from files to a version fit to serve: load, compare with the metadata, warm up, golden sample</td></tr>
 * <tr><td>{@code serve}</td><td>a request's way: validated, bounded, queued, run, answered</td></tr>
 * <tr><td>{@code grpc}, {@code http}</td><td>the faces to callers and to Kubernetes</td></tr>
 * <tr><td>{@code journal}</td><td>what the node remembers across a crash</td></tr>
 * <tr><td>{@code preflight}</td><td>the child process that a new version must survive first</td></tr>
 * <tr><td>{@code node}</td><td>the node's part in a rollout: instructions in, status out</td></tr>
 * <tr><td>{@code workstation}</td><td>instructions from a file instead of from Kubernetes</td></tr>
 * </table>
 */
package health.vantage.models.runner;

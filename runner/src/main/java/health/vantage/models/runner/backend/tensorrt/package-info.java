/**
 * TensorRT engines ("plans") through JavaCPP, on the first GPU. Nothing of this has run on a GPU yet; what can be had without one is tested:
 * the probe, the order of native calls over a recorded stand-in, refusals, and that everything created is destroyed.
 *
 * <table>
 * <caption>Where to look</caption>
 * <tr><td>{@link health.vantage.models.runner.backend.tensorrt.TensorRtBackend}</td><td>probe and checks before loading</td></tr>
 * <tr><td>{@link health.vantage.models.runner.backend.tensorrt.TensorRtModel}</td><td>one engine: what is called in which order</td></tr>
 * <tr><td>{@link health.vantage.models.runner.backend.tensorrt.TensorRtCalls}</td><td>the seam: the native calls that are made</td></tr>
 * <tr><td>{@link health.vantage.models.runner.backend.tensorrt.JavaCppCalls}</td><td>the same calls for real; the only class that names JavaCPP's</td></tr>
 * </table>
 */
package health.vantage.models.runner.backend.tensorrt;

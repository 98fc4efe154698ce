/**
 * A real Kubernetes on one machine, for whole-system tests and for the demonstration.
 *
 * <table>
 * <caption>What is real and what stands in</caption>
 * <tr><td>{@link ControlPlane}</td><td>real etcd, API server (RBAC on), controllers and scheduler</td></tr>
 * <tr><td>{@link LocalRegistry}</td><td>real OCI registry</td></tr>
 * <tr><td>{@link HelmChart}</td><td>the real chart by the real helm</td></tr>
 * <tr><td>{@link SimulatedNodes}</td><td>Node objects with the labels of a GPU fleet, no machine behind them</td></tr>
 * <tr><td>{@link StandInKubelet}</td><td>stands in for kubelet and container runtime: starts the real programs of pods as
 * local processes, with the pod's arguments, environment, volumes, probes and ServiceAccount</td></tr>
 * </table>
 *
 * {@link RealCluster} puts them together; {@link WithRealCluster} hands one to JUnit tests. Programs come from
 * {@code hack/control-plane}, found by {@link Assets}.
 */
package health.vantage.models.system.harness;

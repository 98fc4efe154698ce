/**
 * The ComputeTier's reconciler: which nodes belong to a tier, and the runner that serves on each of them.
 *
 * <p>Membership is a sticky label of our own: GPU feature discovery drops its labels for about a minute when it
 * restarts, and a DaemonSet deletes pods on nodes that stop matching.
 */
package health.vantage.models.operator.fleet;

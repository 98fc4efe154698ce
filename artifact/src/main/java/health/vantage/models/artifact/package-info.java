/**
 * The model artifact: how a model is named, packed, pushed, resolved, verified, pulled and kept on a node.
 *
 * <p>Nothing here knows Kubernetes. Arrows between the packages run one way:
 *
 * <pre>
 *   cache, pack, resolve -> model -> registry -> (this package), json
 *   pack -> transfer -> registry, progress
 *   verify -> registry
 * </pre>
 */
package health.vantage.models.artifact;

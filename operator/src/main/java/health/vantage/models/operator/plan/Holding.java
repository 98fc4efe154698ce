package health.vantage.models.operator.plan;

/**
 * Memory that one deployment holds on one GPU of a node.
 *
 * @param holder {@code namespace/name} of the deployment
 */
public record Holding(String holder, int device, long memoryMiB) {}

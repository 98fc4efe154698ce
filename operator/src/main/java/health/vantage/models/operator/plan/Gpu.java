package health.vantage.models.operator.plan;

/**
 * One GPU as the ledger sees it.
 *
 * @param index its number on the node
 * @param usableMiB its memory times the tier's share, less the tier's headroom
 */
public record Gpu(int index, long usableMiB) {}

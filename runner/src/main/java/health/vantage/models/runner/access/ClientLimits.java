package health.vantage.models.runner.access;

/**
 * What one client may take; 0 for no limit.
 *
 * @param calls at the same time
 * @param bytesInFlight of its tensors, in and out
 * @param requestsPerSecond inferences on average, each of a stream counted; as many may come at once
 */
public record ClientLimits(int calls, long bytesInFlight, int requestsPerSecond) {
    public static final ClientLimits NONE = new ClientLimits(0, 0, 0);

    public ClientLimits {
        if (calls < 0 || bytesInFlight < 0 || requestsPerSecond < 0) {
            throw new IllegalArgumentException("a client's limits are 0 (none) or more, not " + calls + " calls, "
                    + bytesInFlight + " bytes and " + requestsPerSecond + " requests per second");
        }
    }
}

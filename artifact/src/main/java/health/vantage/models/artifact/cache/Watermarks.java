package health.vantage.models.artifact.cache;

/**
 * How much room models may take that nobody needs now but somebody may want again.
 *
 * @param highBytes when all models together take more, the least recently used of those go
 * @param lowBytes until they take no more than this
 */
public record Watermarks(long highBytes, long lowBytes) {
    /** What is not needed goes at once. */
    public static final Watermarks NO_SPARE = new Watermarks(0, 0);

    public Watermarks {
        if (lowBytes < 0 || lowBytes > highBytes) {
            throw new IllegalArgumentException("The cache's low mark must be between 0 and the high one (" + highBytes
                    + " bytes), not " + lowBytes);
        }
    }
}

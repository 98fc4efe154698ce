package health.vantage.models.operator.plan;

import health.vantage.models.operator.Reason;

/** Whether one model fits one node, and why not. */
public sealed interface Fit {
    /**
     * It fits.
     *
     * @param device index of the GPU
     * @param loadBeside whether old and new fit at once, so that a swap needs no reload
     */
    record Fits(int device, boolean loadBeside) implements Fit {}

    /** It does not. */
    record Misfit(Reason reason, String message) implements Fit {}
}

package health.vantage.models.runner.backend;

/** Whether a backend can run on this machine, and exactly why not. */
public sealed interface Availability {
    /** @param version of the runtime that was found; @param device where models run, such as {@code cpu} */
    record Available(String version, String device) implements Availability {
        /** Where a model runs that is loaded for this GPU; the CPU is one. */
        public String deviceFor(int gpu) {
            return device.startsWith("cuda:") ? "cuda:" + gpu : device;
        }
    }

    /** @param reason a sentence that names what is missing, such as {@code libcuda.so.1 not found} */
    record Unavailable(String reason) implements Availability {}
}

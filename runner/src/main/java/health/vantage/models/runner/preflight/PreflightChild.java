package health.vantage.models.runner.preflight;

import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.install.Installation;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.load.VersionLoader;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.store.StoredModel;
import health.vantage.models.runner.tensor.TensorPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/**
 * The child's side: does to a version what serving would do to it, and says how that went if it is still alive. Takes a
 * {@link PreflightRequest} on standard input and answers with a {@link PreflightReport} on standard output, both as JSON.
 */
public final class PreflightChild {
    /** Marks our line: native libraries print to standard output as they like. */
    static final String MARK = "vantage-preflight ";

    private static final ObjectMapper JSON = new ObjectMapper();

    private PreflightChild() {}

    /** A program of its own rather than a command of the runner, whose command line costs more than a small model does. */
    public static void main(String[] none) {
        Installation.current().ifPresent(Installation::useNatives);
        int status = 0;
        try {
            run(System.in, System.out);
        } catch (IOException e) {
            System.err.println("preflight: " + e);
            status = 1;
        }
        // Not by returning: threads of native libraries must not keep a finished process alive.
        System.exit(status);
    }

    private static void run(InputStream in, PrintStream out) throws IOException {
        PreflightRequest request = JSON.readValue(in, PreflightRequest.class);
        out.println(MARK + JSON.writeValueAsString(check(request)));
        out.flush();
    }

    private static PreflightReport check(PreflightRequest request) {
        long start = System.nanoTime();
        StoredModel model = request.model();
        try (TensorPool pool = new TensorPool(0)) {
            ServedVersion version = new VersionLoader(Backends.discover(), request.options(), pool)
                    .load(model.digest(), model.contract(), model.folder());
            String device = version.model().device();
            long memoryMiB = version.memory().measuredMiB().orElse(0L);
            version.release();
            return new PreflightReport(
                    true, "", "runs on " + device, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start), memoryMiB);
        } catch (LoadFailure e) {
            return PreflightReport.failed(e.reason(), e.getMessage());
        } catch (RuntimeException e) {
            return PreflightReport.failed(
                    VersionLoader.PREFLIGHT_FAILED, model.contract().name() + ": " + e);
        }
    }
}

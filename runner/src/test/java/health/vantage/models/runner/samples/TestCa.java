package health.vantage.models.runner.samples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/** A certificate authority by openssl, as a clinic's own would be one. */
public final class TestCa {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Path folder;
    private final Path certificate;
    private final Path key;

    private TestCa(Path folder, String name) {
        this.folder = folder;
        this.certificate = folder.resolve(name + ".crt");
        this.key = folder.resolve(name + ".key");
        openssl(concat(
                List.of("req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=" + name),
                newKey(key),
                List.of("-out", certificate.toString())));
    }

    /** PEM files. */
    public record Issued(Path certificate, Path key) {}

    public static TestCa create(Path folder, String name) {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is missing; hack/packages installs it");
        return new TestCa(folder, name);
    }

    public Path certificate() {
        return certificate;
    }

    /** For {@code localhost}, as a server's. */
    public Issued server() {
        return issue("server", "DNS:localhost", 1);
    }

    /** @param alternatives such as {@code DNS:localhost} or {@code URI:spiffe://clinic/scanner}; @param days negative: it is over */
    public Issued issue(String name, String alternatives, int days) {
        String unique = name + "-" + NUMBER.incrementAndGet();
        Path own = folder.resolve(unique + ".key");
        Path request = folder.resolve(unique + ".csr");
        Path issued = folder.resolve(unique + ".crt");
        Path extensions = folder.resolve(unique + ".ext");
        try {
            Files.writeString(extensions, alternatives.isEmpty() ? "" : "subjectAltName=" + alternatives);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        openssl(concat(
                List.of("req", "-nodes", "-subj", "/O=Clinic/CN=" + name),
                newKey(own),
                List.of("-out", request.toString())));
        openssl(List.of(
                "x509",
                "-req",
                "-in",
                request.toString(),
                "-CA",
                certificate.toString(),
                "-CAkey",
                key.toString(),
                "-CAcreateserial",
                "-days",
                Integer.toString(days),
                "-extfile",
                extensions.toString(),
                "-out",
                issued.toString()));
        return new Issued(issued, own);
    }

    /** @return what it printed, on both outputs */
    public static String openssl(List<String> arguments) {
        Outcome outcome = tryOpenssl(arguments);
        if (outcome.exit() != 0) {
            throw new IllegalStateException("openssl " + arguments + ": " + outcome.output());
        }
        return outcome.output();
    }

    public record Outcome(int exit, String output) {}

    public static Outcome tryOpenssl(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("/usr/bin/openssl"));
        command.addAll(arguments);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static List<String> newKey(Path file) {
        return List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", file.toString());
    }

    @SafeVarargs
    private static List<String> concat(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}

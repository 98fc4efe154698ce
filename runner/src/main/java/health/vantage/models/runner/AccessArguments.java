package health.vantage.models.runner;

import health.vantage.models.runner.access.AccessOptions;
import health.vantage.models.runner.access.ClientLimits;
import health.vantage.models.runner.access.TlsFiles;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who may call, and how much. */
final class AccessArguments {
    private static final long MIB = 1024 * 1024;

    @Option(
            names = "--tls-cert",
            paramLabel = "file",
            defaultValue = "${env:VANTAGE_TLS_CERT:-}",
            description =
                    "Env VANTAGE_TLS_CERT: PEM certificate of both ports, its intermediates after it; read again when"
                            + " it changes. The Unix socket stays plain.")
    private String certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "file",
            defaultValue = "${env:VANTAGE_TLS_KEY:-}",
            description = "Env VANTAGE_TLS_KEY: PEM private key of that certificate, without a password.")
    private String key;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "file",
            defaultValue = "${env:VANTAGE_TLS_CLIENT_CA:-}",
            description = "Env VANTAGE_TLS_CLIENT_CA: PEM certificates, one of which must have signed every client's.")
    private String clientCa;

    @Option(
            names = "--tokens",
            paramLabel = "file",
            defaultValue = "${env:VANTAGE_TOKENS:-}",
            description =
                    "Env VANTAGE_TOKENS: bearer tokens, one of which every caller must send: lines of \"name: token\" or"
                            + " \"name: sha256:<hex>\"; read again when it changes.")
    private String tokens;

    @Option(
            names = "--client-max-calls",
            defaultValue = "${env:VANTAGE_CLIENT_MAX_CALLS:-0}",
            description = "Env VANTAGE_CLIENT_MAX_CALLS: calls of one client at the same time; 0 for no limit."
                    + " Default: ${DEFAULT-VALUE}")
    private int calls;

    @Option(
            names = "--client-max-in-flight-mib",
            defaultValue = "${env:VANTAGE_CLIENT_MAX_IN_FLIGHT_MIB:-0}",
            description =
                    "Env VANTAGE_CLIENT_MAX_IN_FLIGHT_MIB: tensor bytes of one client's requests, in and out; 0 for no"
                            + " limit. Default: ${DEFAULT-VALUE}")
    private long inFlightMiB;

    @Option(
            names = "--client-rate",
            paramLabel = "per second",
            defaultValue = "${env:VANTAGE_CLIENT_RATE:-0}",
            description =
                    "Env VANTAGE_CLIENT_RATE: requests of one client per second; as many may come at once; 0 for no limit."
                            + " Default: ${DEFAULT-VALUE}")
    private int rate;

    /** @throws IllegalArgumentException naming what is missing */
    AccessOptions options() {
        if (certificate.isBlank() != key.isBlank()) {
            throw new IllegalArgumentException("--tls-cert and --tls-key belong together; only "
                    + (certificate.isBlank() ? "--tls-key" : "--tls-cert") + " was given");
        }
        Optional<Path> ca = path(clientCa);
        if (ca.isPresent() && certificate.isBlank()) {
            throw new IllegalArgumentException(
                    "--tls-client-ca needs --tls-cert and --tls-key: without TLS no client can show a certificate");
        }
        return new AccessOptions(
                path(certificate).map(file -> new TlsFiles(file, Path.of(key), ca)),
                path(tokens),
                new ClientLimits(calls, Math.multiplyExact(inFlightMiB, MIB), rate),
                AccessOptions.LOOK);
    }

    private static Optional<Path> path(String text) {
        return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
    }
}

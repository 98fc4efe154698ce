package health.vantage.models.runner.access;

import java.nio.file.Path;
import java.util.Optional;

/**
 * PEM files, as cert-manager and Kubernetes Secrets of type {@code kubernetes.io/tls} have them.
 *
 * @param certificate the server's, followed by its intermediates
 * @param key of that certificate, without a password: PKCS #8, PKCS #1 or SEC 1
 * @param clientCa what must have signed the clients' certificates; without, clients need none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {}

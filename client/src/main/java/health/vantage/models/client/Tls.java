package health.vantage.models.client;

import io.grpc.ChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to know the runner, and how to be known. The files are PEM and read once.
 *
 * @param authorities certificates to trust instead of the JVM's
 * @param identity what this client shows where the runner asks for certificates
 */
public record Tls(Optional<Path> authorities, Optional<Identity> identity) {
    /** @param certificates the client's own first; @param key PKCS#8, without a password */
    public record Identity(Path certificates, Path key) {}

    /** Trusts what the JVM trusts. */
    public static Tls ofTheSystem() {
        return new Tls(Optional.empty(), Optional.empty());
    }

    public static Tls trusting(Path authorities) {
        return new Tls(Optional.of(authorities), Optional.empty());
    }

    /** Mutual TLS. */
    public Tls showing(Path certificates, Path key) {
        return new Tls(authorities, Optional.of(new Identity(certificates, key)));
    }

    ChannelCredentials credentials() {
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        try {
            if (authorities.isPresent()) {
                builder.trustManager(authorities.get().toFile());
            }
            if (identity.isPresent()) {
                builder.keyManager(
                        identity.get().certificates().toFile(),
                        identity.get().key().toFile());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the files for TLS: " + e, e);
        }
        return builder.build();
    }
}

package health.vantage.models.keyless;

import dev.sigstore.trustroot.SigstoreConfigurationException;
import dev.sigstore.trustroot.SigstoreTrustedRoot;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whom certificates and log entries must lead back to. */
final class TrustedRoots {
    /** As sigstore/root-signing published it; a newer one comes with a newer version of this jar, or as a file. */
    private static final String PUBLIC_GOOD = "public-good-trusted-root.json";

    private TrustedRoots() {}

    /**
     * @param json the content of a {@code trusted_root.json}; empty for that of the public-good instance
     * @throws IllegalArgumentException if it cannot be read or names no authority
     */
    static SigstoreTrustedRoot read(Optional<String> json) {
        try (InputStream in = json.<InputStream>map(
                        text -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .orElseGet(() -> TrustedRoots.class.getResourceAsStream(PUBLIC_GOOD))) {
            SigstoreTrustedRoot root = SigstoreTrustedRoot.from(in);
            if (root.getCAs().isEmpty()
                    || root.getTLogs().isEmpty()
                    || root.getCTLogs().isEmpty()) {
                throw new IllegalArgumentException("The trusted root must name at least one certificate authority, one"
                        + " transparency log and one certificate log; it names "
                        + root.getCAs().size() + ", "
                        + root.getTLogs().size() + " and " + root.getCTLogs().size());
            }
            return root;
        } catch (SigstoreConfigurationException | IllegalStateException e) {
            throw new IllegalArgumentException(
                    "The trusted root is not a Sigstore trusted_root.json: " + Rejection.sentence(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package health.vantage.models.cli;

import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.Severity;
import health.vantage.models.artifact.verify.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Who is trusted: keys, or an identity under the names of {@code cosign verify}. */
final class TrustFlags {
    @ArgGroup(multiplicity = "1")
    private By by;

    /** One or the other. */
    private static final class By {
        @Option(
                names = {"-k", "--key"},
                required = true,
                paramLabel = "PEM",
                description = "A public key such as cosign.pub; may be repeated.")
        private List<Path> keys;

        @ArgGroup(exclusive = false, multiplicity = "1")
        private Identity identity;
    }

    /** Keyless. */
    private static final class Identity {
        @Option(
                names = "--certificate-identity",
                paramLabel = "SUBJECT",
                description = "Keyless: the e-mail address or workflow in the certificate.")
        private String subject;

        @Option(
                names = "--certificate-identity-regexp",
                paramLabel = "REGEXP",
                description = "Keyless: matches the whole of it.")
        private String subjectRegExp;

        @Option(
                names = "--certificate-oidc-issuer",
                paramLabel = "URL",
                description = "Keyless: who established the identity.")
        private String issuer;

        @Option(
                names = "--certificate-oidc-issuer-regexp",
                paramLabel = "REGEXP",
                description = "Keyless: matches the whole of it.")
        private String issuerRegExp;

        @Option(
                names = "--trusted-root",
                paramLabel = "JSON",
                description =
                        "Keyless: the trusted_root.json of a private Sigstore. Default: the public-good instance's.")
        private Path trustedRoot;

        private KeylessIdentity parsed() throws IOException {
            return KeylessIdentity.of(
                    issuer,
                    issuerRegExp,
                    subject,
                    subjectRegExp,
                    trustedRoot == null ? null : Files.readString(trustedRoot));
        }
    }

    TrustPolicy policy(List<AttestationType> attestations, Severity maxSeverity) throws IOException {
        var pems = new ArrayList<String>();
        for (Path key : by.keys == null ? List.<Path>of() : by.keys) {
            pems.add(Files.readString(key));
        }
        Optional<KeylessIdentity> keyless = by.identity == null ? Optional.empty() : Optional.of(by.identity.parsed());
        return new TrustPolicy(pems, keyless, attestations, Optional.ofNullable(maxSeverity));
    }
}

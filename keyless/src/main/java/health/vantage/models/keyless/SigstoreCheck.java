package health.vantage.models.keyless;

import dev.sigstore.KeylessVerificationException;
import dev.sigstore.KeylessVerifier;
import dev.sigstore.VerificationOptions;
import dev.sigstore.bundle.Bundle;
import dev.sigstore.bundle.Bundle.DsseEnvelope;
import dev.sigstore.bundle.BundleParseException;
import dev.sigstore.bundle.ImmutableBundle;
import dev.sigstore.encryption.certificates.Certificates;
import dev.sigstore.encryption.signers.Verifiers;
import dev.sigstore.fulcio.client.FulcioVerificationException;
import dev.sigstore.fulcio.client.FulcioVerifier;
import dev.sigstore.rekor.client.RekorEntry;
import dev.sigstore.trustroot.SigstoreConfigurationException;
import dev.sigstore.trustroot.SigstoreTrustedRoot;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.verify.CertificateCheck;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.Signatory;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * Checks chain, certificate log, transparency log and signature with sigstore-java; and what 2.0.0 leaves to others: that
 * the certificate was valid when the log took the signature in, that it is for signing, and whom it names.
 */
final class SigstoreCheck implements CertificateCheck {
    private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
    private static final String PROMISE = "dev.sigstore.cosign/bundle";
    private static final int LONGEST_ANNOTATION = 64 << 10;

    private final SigstoreTrustedRoot root;
    private final KeylessIdentity identity;
    private final KeylessVerifier bundles;
    private final FulcioVerifier certificates;

    private SigstoreCheck(
            SigstoreTrustedRoot root, KeylessIdentity identity, KeylessVerifier bundles, FulcioVerifier certificates) {
        this.root = root;
        this.identity = identity;
        this.bundles = bundles;
        this.certificates = certificates;
    }

    static SigstoreCheck of(SigstoreTrustedRoot root, KeylessIdentity identity) {
        try {
            return new SigstoreCheck(
                    root,
                    identity,
                    KeylessVerifier.builder().trustedRootProvider(() -> root).build(),
                    FulcioVerifier.newFulcioVerifier(root));
        } catch (GeneralSecurityException | SigstoreConfigurationException e) {
            throw new IllegalArgumentException("The trusted root cannot be used: " + Rejection.sentence(e), e);
        }
    }

    @Override
    public Signatory ofBundle(byte[] bundle, byte[] payload, Digest subject) {
        return guarded(() ->
                holder(Bundle.from(new StringReader(new String(bundle, StandardCharsets.UTF_8))), payload, subject));
    }

    @Override
    public Signatory ofPayload(byte[] payload, byte[] signature, Map<String, String> annotations) {
        return guarded(() -> holder(payload, signature, annotations));
    }

    /** What leads to a holder, or not. */
    private interface Check {
        Holder run() throws Rejection, BundleParseException, KeylessVerificationException, GeneralSecurityException;
    }

    private Signatory guarded(Check check) {
        try {
            return check.run().trustedAs(identity);
        } catch (Rejection e) {
            return new Signatory.Stranger(e.getMessage());
        } catch (BundleParseException | KeylessVerificationException | GeneralSecurityException e) {
            return new Signatory.Stranger("a signature does not hold: " + Rejection.sentence(e));
        } catch (RuntimeException e) {
            // The library throws many kinds for odd input. Whatever it was, nobody vouches.
            return new Signatory.Stranger("a signature cannot be read: " + Rejection.sentence(e));
        }
    }

    private Holder holder(Bundle bundle, byte[] payload, Digest subject)
            throws Rejection, KeylessVerificationException, GeneralSecurityException {
        DsseEnvelope envelope = bundle.getDsseEnvelope()
                .orElseThrow(() -> new Rejection("a bundle holds no statement about an artifact"));
        if (!Arrays.equals(envelope.getPayload(), payload)) {
            throw new Rejection("a bundle can be read in two ways");
        }
        // The library looks at the first alone.
        if (bundle.getEntries().size() != 1) {
            throw new Rejection("a bundle has " + bundle.getEntries().size() + " log entries; exactly 1 is needed");
        }
        X509Certificate leaf = Certificates.getLeaf(bundle.getCertPath());
        bundles.verify(
                HexFormat.of().parseHex(subject.hex()),
                ImmutableBundle.builder()
                        .from(bundle)
                        .dsseEnvelope(new ExactEnvelope(envelope))
                        .build(),
                VerificationOptions.empty());
        // With timestamps of an authority the library has compared them; the log's own time it does not.
        if (bundle.getTimestamps().isEmpty()) {
            RekorEntry entry = bundle.getEntries().getFirst();
            LogPromise.logOf(entry, root.getTLogs());
            Holder.mustHaveBeenValid(leaf, entry.getIntegratedTimeInstant());
        }
        return Holder.of(leaf);
    }

    private Holder holder(byte[] payload, byte[] signature, Map<String, String> annotations)
            throws Rejection, GeneralSecurityException {
        X509Certificate leaf = (X509Certificate) Certificates.fromPem(annotation(annotations, CERTIFICATE));
        LogPromise promise = LogPromise.parse(annotation(annotations, PROMISE));
        try {
            certificates.verifySigningCertificate(Certificates.toCertPath(leaf));
        } catch (FulcioVerificationException | IOException e) {
            throw new Rejection("a certificate does not hold", e);
        }
        if (!Verifiers.newVerifier(leaf.getPublicKey()).verify(payload, signature)) {
            throw new Rejection("a signature is not by the key of its certificate");
        }
        promise.mustBeAbout(payload, signature, leaf);
        promise.mustBeOf(root.getTLogs());
        Holder.mustHaveBeenValid(leaf, promise.entry().getIntegratedTimeInstant());
        return Holder.of(leaf);
    }

    private static String annotation(Map<String, String> annotations, String name) throws Rejection {
        String text = annotations.getOrDefault(name, "");
        if (text.isEmpty() || text.length() > LONGEST_ANNOTATION) {
            throw new Rejection("a signature has no usable " + name + " beside it; it may be by a key");
        }
        return text;
    }
}

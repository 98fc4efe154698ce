package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model verify}: whether a trusted key signed the artifact. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Checks cosign signatures (forms 2 and 3) with public keys; any one key is enough.")
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "PEM",
            description = "A public key such as cosign.pub; may be repeated.")
    private List<Path> keys;

    @Option(
            names = "--attestation",
            split = ",",
            paramLabel = "TYPE",
            description = "Also demand this attestation by one of the keys: ${COMPLETION-CANDIDATES}; may be repeated.")
    private List<AttestationType> attestations = List.of();

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        var pems = new ArrayList<String>();
        for (Path key : keys) {
            pems.add(Files.readString(key));
        }
        var verifier = SignatureVerifier.of(pems);
        Repository repository = registries.open(reference);
        Digest digest = repository.manifest(RegistryFlags.wanted(reference)).digest();
        Verified verified = verifier.verify(repository, digest);
        spec.commandLine()
                .getOut()
                .println("verified " + reference.withDigest(digest) + ", signed by key " + verified.keyId() + " ("
                        + verified.form() + ")");
        verifier.requireAttestations(repository, digest, attestations).forEach(attestation -> spec.commandLine()
                .getOut()
                .println("attested " + attestation.predicateType() + " by key "
                        + attestation.by().keyId() + " (" + attestation.by().form() + ")"));
        return 0;
    }
}

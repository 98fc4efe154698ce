package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
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

    @Mixin
    private OutputFormat output;

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
        Digest digest = registries.fetch(repository, reference).digest();
        Verified verified = verifier.verify(repository, digest);
        ObjectNode facts = Json.newObject();
        facts.put("reference", reference.withDigest(digest).toString());
        facts.put("digest", digest.toString());
        facts.put("keyId", verified.keyId());
        facts.put("form", verified.form());
        var lines = new Lines();
        lines.add("verified " + reference.withDigest(digest) + ", signed by key " + verified.keyId() + " ("
                + verified.form() + ")");
        var list = facts.putArray("attestations");
        verifier.requireAttestations(repository, digest, attestations).forEach(attestation -> {
            list.addObject()
                    .put("predicateType", attestation.predicateType())
                    .put("keyId", attestation.by().keyId())
                    .put("form", attestation.by().form());
            lines.add("attested " + attestation.predicateType() + " by key "
                    + attestation.by().keyId() + " (" + attestation.by().form() + ")");
        });
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }
}

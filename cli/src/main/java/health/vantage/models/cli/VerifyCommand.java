package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.Severity;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.artifact.verify.Verified;
import health.vantage.models.artifact.verify.Vouched;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model verify}: whether somebody trusted signed the artifact, and attests what is demanded. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks cosign signatures (forms 2 and 3) and attestations.",
            "With public keys, of which any one is enough, or against the identity in a Sigstore certificate."
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    @Mixin
    private TrustFlags trust;

    @Option(
            names = "--attestation",
            split = ",",
            paramLabel = "TYPE",
            description =
                    "Also demand this attestation by the same key or identity: ${COMPLETION-CANDIDATES}; may be repeated.")
    private List<AttestationType> attestations = List.of();

    @Option(
            names = "--max-severity",
            paramLabel = "SEVERITY",
            description = "The worst finding that the demanded vuln attestation may have: ${COMPLETION-CANDIDATES}.")
    private Severity maxSeverity;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        TrustPolicy.Opened policy = trust.policy(attestations, maxSeverity).open();
        Repository repository = registries.open(reference);
        Digest digest = registries.fetch(repository, reference).digest();
        Vouched vouched = policy.check(repository, digest).orElseThrow();
        Verified signed = vouched.signed();
        ObjectNode facts = Json.newObject();
        facts.put("reference", reference.withDigest(digest).toString());
        facts.put("digest", digest.toString());
        facts.put("signer", signed.signer());
        facts.put("form", signed.form());
        var lines = new Lines();
        lines.add("verified " + reference.withDigest(digest) + ", signed by " + signed.signer() + " (" + signed.form()
                + ")");
        var list = facts.putArray("attestations");
        vouched.attested().forEach(attestation -> {
            list.addObject()
                    .put("predicateType", attestation.predicateType())
                    .put("signer", attestation.by().signer())
                    .put("form", attestation.by().form());
            lines.add("attested " + attestation.predicateType() + " by "
                    + attestation.by().signer() + " (" + attestation.by().form() + ")");
        });
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }
}

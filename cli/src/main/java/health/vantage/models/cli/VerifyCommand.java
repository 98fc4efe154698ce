package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
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
            "Of a release: its own signature, and of every variant what a node would demand.",
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
        FetchedManifest fetched = registries.fetch(repository, reference);
        ObjectNode facts = Json.newObject();
        var lines = new Lines();
        if (fetched.parsed() instanceof Manifest.Index index) {
            // Attestations are about models: what a node will demand of its variant is demanded of every one.
            TrustPolicy.Opened signature = trust.policy(List.of(), null).open();
            check(signature, repository, fetched.digest(), facts, lines);
            var variants = facts.putArray("variants");
            for (Descriptor entry : index.manifests()) {
                ObjectNode variant = variants.addObject();
                entry.annotation(ModelMetadata.VARIANT_ANNOTATION).ifPresent(name -> variant.put("variant", name));
                check(policy, repository, entry.digest(), variant, lines);
            }
        } else {
            check(policy, repository, fetched.digest(), facts, lines);
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }

    private void check(TrustPolicy.Opened policy, Repository repository, Digest digest, ObjectNode facts, Lines lines) {
        Vouched vouched = policy.check(repository, digest).orElseThrow();
        Verified signed = vouched.signed();
        facts.put("reference", reference.withDigest(digest).toString());
        facts.put("digest", digest.toString());
        facts.put("signer", signed.signer());
        facts.put("form", signed.form());
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
    }
}

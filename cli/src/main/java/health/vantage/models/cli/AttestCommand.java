package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelBom;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TrainingProvenance;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.Signer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model attest}: signs a statement about a model, as cosign attest does. */
@Command(
        name = "attest",
        mixinStandardHelpOptions = true,
        description = {
            "Signs statements about a model (or about every variant of a release) the way cosign attest does.",
            "They are its SLSA provenance and its CycloneDX BOM, made from its metadata, or a file of yours."
        })
final class AttestCommand implements Callable<Integer> {
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
            description = "An unencrypted PKCS#8 ECDSA P-256 key.")
    private Path key;

    @Option(
            names = "--type",
            split = ",",
            required = true,
            paramLabel = "TYPE",
            description = "${COMPLETION-CANDIDATES}; may be repeated.")
    private List<AttestationType> types;

    @Option(
            names = "--predicate",
            paramLabel = "JSON",
            description = "What to state, instead of what the metadata says; vuln needs one.")
    private Path predicate;

    @Option(names = "--builder-id", paramLabel = "URI", description = "Who trained it (default: metadata's trainedBy).")
    private String builder;

    @Option(
            names = "--form",
            paramLabel = "FORM",
            defaultValue = "v2",
            description = "${COMPLETION-CANDIDATES}: which cosign is to read it (default: ${DEFAULT-VALUE}).")
    private SignCommand.Form form;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        if (predicate != null && types.size() > 1) {
            throw new IllegalArgumentException("--predicate is of one type, and " + types.size() + " are given");
        }
        Signer signer = Signer.of(Files.readString(key));
        Repository repository = registries.open(reference);
        FetchedManifest fetched = registries.fetch(repository, reference);
        List<FetchedManifest> models =
                switch (fetched.parsed()) {
                    case Manifest.Artifact _ -> List.of(fetched);
                    case Manifest.Index index ->
                        index.manifests().stream()
                                .map(entry -> repository.manifest(entry.digest()))
                                .toList();
                };
        ArrayNode facts = JsonNodeFactory.instance.arrayNode();
        var lines = new Lines();
        for (FetchedManifest model : models) {
            Reference attested = reference.withDigest(model.digest());
            for (AttestationType type : types) {
                attest(signer, repository, model, type);
                facts.addObject()
                        .put("reference", attested.toString())
                        .put("digest", model.digest().toString())
                        .put("type", type.flag())
                        .put("predicateType", type.predicateType())
                        .put("keyId", signer.keyId())
                        .put("form", form.name());
                lines.add("attested " + type.flag() + " of " + attested + " with key " + signer.keyId());
            }
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }

    private void attest(Signer signer, Repository repository, FetchedManifest manifest, AttestationType type)
            throws IOException {
        ObjectNode stated = stated(ModelReader.read(repository, manifest), type);
        if (form != SignCommand.Form.v3) {
            signer.attestV2(repository, manifest.digest(), type.predicateType(), stated);
        }
        if (form != SignCommand.Form.v2) {
            signer.attestV3(repository, manifest.digest(), type.predicateType(), stated);
        }
    }

    private ObjectNode stated(ModelArtifact model, AttestationType type) throws IOException {
        if (predicate != null) {
            try {
                return Json.object(Files.readAllBytes(predicate));
            } catch (Json.NotJson e) {
                throw new IllegalArgumentException(predicate + " is " + e.getMessage(), e);
            }
        }
        return switch (type) {
            case CYCLONEDX -> ModelBom.of(model);
            case SLSAPROVENANCE1 ->
                TrainingProvenance.of(
                        model.metadata(), builder == null ? TrainingProvenance.builder(model.metadata()) : builder);
            case VULN ->
                throw new IllegalArgumentException(
                        "A scan is not in the metadata: give what the scanner wrote with --predicate");
        };
    }
}

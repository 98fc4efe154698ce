package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelBom;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
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

/** {@code model sbom}: what a model is made of. */
@Command(
        name = "sbom",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a model's CycloneDX 1.6 bill of materials.",
            "With --key, the one that is attached and that this key signed; without, one made from the manifest."
        })
final class SbomCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "PEM",
            description = "A public key: print what it attests, or fail.")
    private Path key;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        Repository repository = registries.open(reference);
        FetchedManifest manifest = registries.fetch(repository, reference);
        ObjectNode bom = key == null
                ? ModelBom.of(ModelReader.read(repository, manifest))
                : SignatureVerifier.of(List.of(Files.readString(key)))
                        .requireAttestations(repository, manifest.digest(), List.of(AttestationType.CYCLONEDX))
                        .getFirst()
                        .predicate();
        spec.commandLine().getOut().println(Json.pretty(bom));
        return 0;
    }
}

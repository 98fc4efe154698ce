package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TagNames;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model twin}: a container image beside a model that is there. */
@Command(
        name = "twin",
        mixinStandardHelpOptions = true,
        description = {
            "Puts a container image with the same layers beside a model, under its tag with -oci added.",
            "For Kubernetes' image volumes and docker pull, which cannot use the model itself. Of a release, every variant",
            "gets one. No weights move. When a tag that has a twin moves, the twin moves along."
        },
        footer = {
            "",
            "Example:",
            "  kubectl model twin registry.example.com/vantage/retina-seg:2.4.1-jetson",
            "  docker pull registry.example.com/vantage/retina-seg:2.4.1-jetson-oci"
        })
final class TwinCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        Repository repository = registries.open(reference);
        FetchedManifest fetched = registries.fetch(repository, reference);
        ArrayNode facts = Json.newObject().putArray("twins");
        var lines = new Lines();
        switch (fetched.parsed()) {
            case Manifest.Artifact _ -> {
                String tag = reference.digest().isPresent()
                        ? alias(repository, fetched)
                        : reference.tag().orElseThrow();
                make(repository, fetched.digest(), tag, facts, lines);
            }
            case Manifest.Index index ->
                index.manifests().forEach(entry -> {
                    FetchedManifest model = repository.manifest(entry.digest());
                    make(repository, model.digest(), alias(repository, model), facts, lines);
                });
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }

    private static String alias(Repository repository, FetchedManifest model) {
        return ModelPusher.alias(ModelReader.read(repository, model).metadata());
    }

    private void make(Repository repository, Digest model, String tag, ArrayNode facts, Lines lines) {
        Digest twin = new ModelPusher(repository).image(model, List.of(tag));
        Reference tagged = reference.withTag(TagNames.twin(tag));
        ObjectNode node = facts.addObject();
        node.put("reference", tagged.toString());
        node.put("digest", twin.toString());
        node.put("twinOf", model.toString());
        lines.add("image " + tagged + " " + twin);
    }
}

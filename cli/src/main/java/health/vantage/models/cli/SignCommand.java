package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.Signer;
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

/** {@code model sign}: signs as cosign does. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        description = "Signs an artifact (or a release and every variant in it) the way cosign does.",
        footer = {
            "",
            "Make a key:",
            "  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out model.key",
            "  openssl pkey -in model.key -pubout -out model.pub"
        })
final class SignCommand implements Callable<Integer> {
    /** Which cosign is to understand it. */
    enum Form {
        v2,
        v3,
        both
    }

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
            names = "--form",
            paramLabel = "FORM",
            defaultValue = "v2",
            description =
                    "${COMPLETION-CANDIDATES}: whose form to write; cosign 2 reads only v2, cosign 3 reads all (default: ${DEFAULT-VALUE}).")
    private Form form;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        Signer signer = Signer.of(Files.readString(key));
        Repository repository = registries.open(reference);
        FetchedManifest fetched = registries.fetch(repository, reference);
        List<Digest> subjects = new ArrayList<>(List.of(fetched.digest()));
        if (fetched.parsed() instanceof Manifest.Index index) {
            index.manifests().forEach(entry -> subjects.add(entry.digest()));
        }
        ArrayNode facts = JsonNodeFactory.instance.arrayNode();
        var lines = new Lines();
        for (Digest subject : subjects) {
            if (form != Form.v3) {
                signer.signV2(repository, subject);
            }
            if (form != Form.v2) {
                signer.signV3(repository, subject);
            }
            Reference signed = reference.withDigest(subject);
            facts.addObject()
                    .put("reference", signed.toString())
                    .put("digest", subject.toString())
                    .put("keyId", signer.keyId())
                    .put("form", form.name());
            lines.add("signed " + signed + " with key " + signer.keyId());
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }
}

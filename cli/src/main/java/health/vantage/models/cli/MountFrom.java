package health.vantage.models.cli;

import health.vantage.models.artifact.Reference;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --mount-from}: which repositories may have layers already. */
final class MountFrom {
    @Option(
            names = "--mount-from",
            paramLabel = "REPOSITORY",
            converter = ReferenceConverter.class,
            description =
                    "Another repository of the same registry that may have some layers, such as a shared backbone: they are taken over from it instead of sent. May be repeated.")
    private List<Reference> repositories = List.of();

    List<Reference> repositories() {
        return repositories;
    }
}

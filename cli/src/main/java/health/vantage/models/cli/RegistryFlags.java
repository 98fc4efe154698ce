package health.vantage.models.cli;

import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.DockerConfig;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.RateLimit;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.NearTags;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How to reach registries; the same flags on every command. */
final class RegistryFlags {
    @Option(
            names = "--docker-config",
            paramLabel = "FOLDER",
            description = "Folder with docker's config.json (default: $$DOCKER_CONFIG, else ~/.docker).")
    private Path dockerConfig;

    @Option(
            names = "--plain-http",
            paramLabel = "HOST[:PORT]",
            description = "A registry without TLS; may be repeated. Loopback addresses need no flag.")
    private List<String> plainHttp = List.of();

    @Option(names = "--ca-file", paramLabel = "PEM", description = "Certificates to trust besides the platform's.")
    private Path caFile;

    @Option(
            names = "--mirror",
            paramLabel = "HOST=MIRROR",
            description = "Read what is in registry HOST from MIRROR (host[:port][/prefix]) first; may be repeated.")
    private List<String> mirrors = List.of();

    @Option(
            names = "--limit-rate",
            paramLabel = "RATE",
            converter = RateConverter.class,
            description = "Download at most RATE bytes a second, such as 800K or 5M, all layers together.")
    private RateLimit rate;

    @Option(
            names = "--split",
            paramLabel = "N",
            defaultValue = "1",
            description = "Fetch each blob over N connections (1 to 16), where one does not get all of the line.")
    private int split;

    /** Turns picocli's text into a limit; the limit's own message says what is wrong. */
    static final class RateConverter implements ITypeConverter<RateLimit> {
        @Override
        public RateLimit convert(String text) {
            try {
                return RateLimit.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private Repositories repositories;

    Repository open(Reference reference) {
        if (repositories == null) {
            RegistryOptions options = RegistryOptions.defaults()
                    .withCredentials(dockerConfig == null ? DockerConfig.ofUser() : DockerConfig.in(dockerConfig))
                    .withPlainHttp(new HashSet<>(plainHttp))
                    .withMirrors(mirrorsByHost())
                    .withConnectionsPerBlob(split)
                    .withUserAgent("kubectl-model");
            options = rate == null ? options : options.withRateLimit(rate);
            repositories = new Repositories(caFile == null ? options : options.withCaFile(caFile));
        }
        return repositories.open(reference);
    }

    /** What the reference names; if there is no such tag, the error tells tags like it. */
    FetchedManifest fetch(Repository repository, Reference reference) {
        String wanted = wanted(reference);
        try {
            return repository.manifest(wanted);
        } catch (TagNotFound e) {
            List<String> near = NearTags.of(wanted, repository.tags());
            throw near.isEmpty()
                    ? e
                    : new TagNotFound(
                            wanted,
                            near,
                            "The tag '" + wanted + "' does not exist in " + repository.reference() + "; did you mean '"
                                    + String.join("', '", near) + "'?");
        }
    }

    private Map<String, List<String>> mirrorsByHost() {
        var byHost = new LinkedHashMap<String, List<String>>();
        for (String pair : mirrors) {
            int equals = pair.indexOf('=');
            if (equals < 1 || equals == pair.length() - 1) {
                throw new IllegalArgumentException("--mirror is HOST=MIRROR, not '" + pair + "'");
            }
            byHost.computeIfAbsent(pair.substring(0, equals), h -> new ArrayList<>())
                    .add(pair.substring(equals + 1));
        }
        return byHost;
    }

    /** What the reference asks for: its digest, or its tag. @throws IllegalArgumentException if it has neither */
    static String wanted(Reference reference) {
        return reference
                .tagOrDigest()
                .orElseThrow(
                        () -> new IllegalArgumentException(
                                "'" + reference
                                        + "' names a repository, not an artifact; add a tag (:2.4.1-jetson) or a digest (@sha256:...)"));
    }
}

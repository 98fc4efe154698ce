package health.vantage.models.runner;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * A model from the command line.
 *
 * @param name it is served under
 * @param repository without tag and digest
 */
record LocalModel(String name, String repository, Digest digest) {
    /**
     * Reads {@code [name=]reference}.
     *
     * @param resolve asks the repository for the digest of a tag
     */
    static LocalModel parse(String text, Function<Reference, Digest> resolve) {
        int equals = text.indexOf('=');
        Reference reference = Reference.parse(text.substring(equals + 1));
        Path last = Path.of(reference.path()).getFileName();
        String name = equals > 0 ? text.substring(0, equals) : String.valueOf(last);
        Digest digest = reference.digest().orElseGet(() -> resolve.apply(reference));
        Reference repository =
                new Reference(reference.registry(), reference.path(), Optional.empty(), Optional.empty());
        return new LocalModel(name, repository.toString(), digest);
    }
}

package health.vantage.models.runner.workstation;

import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last answer for each model, on disk: with it and the cache a machine starts without a network, also after a mere prefetch. */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUFFIX = ".json";
    private static final long MAX_BYTES = 64 * 1024;

    private final Path folder;

    private Answers(Path folder) {
        this.folder = folder;
    }

    /** @throws UncheckedIOException when the folder cannot be used */
    public static Answers open(Path folder) {
        try {
            return new Answers(Files.createDirectories(folder));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the folder " + folder + ": " + e, e);
        }
    }

    /** The answer to this very question; one that cannot be read is as good as none, the registry will be asked. */
    Optional<Answer> find(ModelWish wish) {
        return read(file(wish.name())).filter(answer -> answer.question().equals(Answer.question(wish)));
    }

    void put(String name, Answer answer) {
        Path file = file(name);
        try {
            if (!read(file).equals(Optional.of(answer))) {
                DurableFiles.write(file, JSON.writeValueAsBytes(answer));
            }
        } catch (IOException e) {
            // Only a start without a network suffers; the version itself may still be served.
            LOG.warn(
                    "{} cannot be written, so a start without a network may not find the model: {}",
                    file,
                    e.toString());
        }
    }

    /** Forgets models that the file no longer names. */
    void keepOnly(Set<String> names) {
        for (Path file : files()) {
            String name = file.getFileName().toString();
            if (!names.contains(name.substring(0, name.length() - SUFFIX.length()))) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    LOG.warn("{} cannot be removed: {}", file, e.toString());
                }
            }
        }
    }

    /** What was prefetched must not be pruned before it has served. */
    Set<Digest> digests() {
        Set<Digest> all = new HashSet<>();
        files().forEach(file -> read(file).map(Answer::parsedDigest).ifPresent(all::add));
        return all;
    }

    private List<Path> files() {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(file -> file.toString().endsWith(SUFFIX)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder + ": " + e, e);
        }
    }

    private static Optional<Answer> read(Path file) {
        try {
            if (!Files.exists(file) || Files.size(file) > MAX_BYTES) {
                return Optional.empty();
            }
            Answer answer = JSON.readValue(file.toFile(), Answer.class);
            answer.parsedDigest();
            return Optional.of(answer);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} cannot be read, the registry will be asked: {}", file, e.toString());
            return Optional.empty();
        }
    }

    private Path file(String name) {
        return folder.resolve(name + SUFFIX);
    }
}

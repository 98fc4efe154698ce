package health.vantage.models.runner.journal;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's memory across crashes and power cuts: one JSON file per model, replaced as a whole. A write has reached the disk when it
 * returns, and a cut in the middle leaves the old file.
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final String SUFFIX = ".json";
    private static final long MAX_FILE_BYTES = 256 * 1024;

    private final Path folder;
    private final Map<String, JournalEntry> entries = new ConcurrentSkipListMap<>();

    private Journal(Path folder) {
        this.folder = folder;
    }

    /**
     * Reads every entry. One that cannot be read is set aside as {@code <name>.json.unreadable}: the other models must serve.
     *
     * @throws UncheckedIOException when the folder itself cannot be used
     */
    public static Journal open(Path folder) {
        Journal journal = new Journal(folder);
        try {
            Files.createDirectories(folder);
            List<Path> files;
            try (Stream<Path> listed = Files.list(folder)) {
                files = listed.filter(file -> file.toString().endsWith(SUFFIX))
                        .sorted()
                        .toList();
            }
            for (Path file : files) {
                journal.read(file);
            }
            return journal;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the journal folder " + folder + ": " + e, e);
        }
    }

    private void read(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new IOException("more than " + MAX_FILE_BYTES + " bytes");
            }
            JournalEntry entry = JSON.readValue(file.toFile(), JournalEntry.class);
            if (!fileOf(entry.model()).equals(file)) {
                throw new IOException("it speaks of model \"" + entry.model() + "\"");
            }
            entries.put(entry.model(), entry);
        } catch (IOException | IllegalArgumentException e) {
            LOG.error(
                    "journal {} cannot be read and is set aside; its model waits for the operator: {}",
                    file,
                    e.toString());
            Files.move(
                    file, file.resolveSibling(file.getFileName() + ".unreadable"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    public Optional<JournalEntry> find(String model) {
        return Optional.ofNullable(entries.get(model));
    }

    public Collection<JournalEntry> all() {
        return List.copyOf(entries.values());
    }

    /** Replaces the entry of its model; on the disk when this returns. */
    public void put(JournalEntry entry) {
        Path file = fileOf(entry.model());
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            byte[] bytes = JSON.writeValueAsBytes(entry);
            try (FileChannel channel = FileChannel.open(
                    next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder();
            entries.put(entry.model(), entry);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the journal " + file + ": " + e, e);
        }
    }

    /** Forgets a model that this node no longer has. */
    public void remove(String model) {
        try {
            Files.deleteIfExists(fileOf(model));
            syncFolder();
            entries.remove(model);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the journal of " + model + ": " + e, e);
        }
    }

    /** A rename is only safe from a power cut when the folder itself is on the disk. */
    private void syncFolder() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path fileOf(String model) {
        if (model == null || !NAME.matcher(model).matches()) {
            throw new IllegalArgumentException(
                    "\"" + model + "\" is no model name: lower-case letters, digits, '-' and '.', at most 253");
        }
        return folder.resolve(model + SUFFIX);
    }
}

package health.vantage.models.system.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A tmpfs of a few MiB in a mount namespace of its own, so that it can be filled without hurting anybody. */
final class SmallDisk implements AutoCloseable {
    private final Process holder;
    private final Path mounted;

    private SmallDisk(Process holder, Path mounted) {
        this.holder = holder;
        this.mounted = mounted;
    }

    /** @param at an empty folder; empty where this user may not do so */
    static Optional<SmallDisk> mount(Path at, int mib) throws IOException {
        Process holder = new ProcessBuilder(
                        "unshare",
                        "-rm",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=" + mib + "m tmpfs \"$0\" && echo mounted && exec sleep 3600",
                        at.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        byte[] said = holder.getInputStream().readNBytes("mounted".length());
        if (!new String(said, StandardCharsets.UTF_8).equals("mounted")) {
            holder.destroyForcibly();
            return Optional.empty();
        }
        return Optional.of(new SmallDisk(holder, at));
    }

    /** Before a command that shall see this disk. */
    List<String> prefix() {
        return List.of("nsenter", "--preserve-credentials", "--user", "--mount", "--target=" + holder.pid());
    }

    /** From outside. */
    Path path(String name) {
        return Path.of("/proc/" + holder.pid() + "/root" + mounted).resolve(name);
    }

    /** To the last byte. */
    void fill() throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream filler = Files.newOutputStream(path("filler"))) {
            while (true) {
                filler.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    void makeRoom() throws IOException {
        Files.delete(path("filler"));
    }

    @Override
    public void close() {
        holder.destroyForcibly().onExit().join();
    }
}

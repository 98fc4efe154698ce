package health.vantage.models.artifact.archive;

import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads a tar from strangers: USTAR, with GNU and PAX long names and sizes. Links and devices are refused; a path is
 * checked before anybody sees it. Source: POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format".
 */
public final class TarReader {
    private static final int BLOCK = 512;
    private static final long LARGEST_BODY = 1L << 50;
    private static final int LONGEST_HEADER = 64 << 10;

    private final InputStream in;
    private final String where;
    private final int mostEntries;
    private final Optional<String> only;
    private int entries;
    private long left;
    private int padding;

    /** @param where begins errors' sentences, such as "The layer sha256:..." */
    public TarReader(InputStream in, String where, int mostEntries) {
        this(in, where, mostEntries, Optional.empty());
    }

    private TarReader(InputStream in, String where, int mostEntries, Optional<String> only) {
        this.in = in;
        this.where = where;
        this.mostEntries = mostEntries;
        this.only = only;
    }

    /**
     * A reader that passes over everything outside one folder, unseen: container images are full of links and devices
     * that are none of our business.
     */
    public TarReader onlyBelow(String folder) {
        return new TarReader(in, where, mostEntries, Optional.of(folder + "/"));
    }

    /** @param path checked by {@link SafePath} */
    public record Entry(String path, long size, boolean folder) {}

    /** The next file or folder; what is left of the one before is skipped. */
    public Optional<Entry> next() throws IOException {
        String longName = null;
        long longSize = -1;
        while (true) {
            skipRest();
            byte[] header = in.readNBytes(BLOCK);
            if (header.length == 0 || allZero(header)) {
                return Optional.empty();
            }
            if (header.length < BLOCK) {
                throw new EOFException("the tar ends inside a header");
            }
            checkSum(header);
            if (++entries > mostEntries) {
                throw new InsecureArchive(where + " holds more than " + mostEntries + " entries");
            }
            long size = number(header, 124, 12);
            char type = (char) header[156];
            body(size);
            String raw = longName != null ? longName : name(header);
            boolean extension = type == 'L' || type == 'x' || type == 'g';
            if (!extension && isOutside(raw)) {
                body(longSize >= 0 ? longSize : size);
                longName = null;
                longSize = -1;
                continue;
            }
            switch (type) {
                case 'L' -> longName = text(readSmall(size), 0, (int) size);
                case 'x' -> {
                    String pax = new String(readSmall(size), StandardCharsets.UTF_8);
                    longName = paxValue(pax, "path").orElse(longName);
                    longSize = paxValue(pax, "size").map(this::paxNumber).orElse(longSize);
                }
                case 'g' -> readSmall(size);
                case '0', '\0', '7', '5' -> {
                    body(longSize >= 0 ? longSize : size);
                    boolean folder = type == '5' || raw.endsWith("/");
                    if (folder && left != 0) {
                        throw new InsecureArchive(where + " holds a folder with content");
                    }
                    return Optional.of(new Entry(SafePath.of(raw, where), left, folder));
                }
                default ->
                    throw new InsecureArchive(where + " holds '" + printable(name(header)) + "', which is " + kind(type)
                            + "; a model may hold only files and folders. Pack it again");
            }
        }
    }

    /** Reads the current entry's content. */
    public int read(byte[] buffer) throws IOException {
        if (left == 0) {
            return -1;
        }
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
            throw new EOFException("the tar ends inside a file");
        }
        left -= n;
        return n;
    }

    private boolean isOutside(String raw) {
        String bare = raw.replaceFirst("^(?:\\./|/)+", "");
        return only.isPresent() && !bare.startsWith(only.get());
    }

    private void body(long size) {
        if (size < 0 || size > LARGEST_BODY) {
            throw new InsecureArchive(where + " holds a file of " + size + " bytes, which cannot be");
        }
        left = size;
        padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    private void skipRest() throws IOException {
        in.skipNBytes(left + padding);
        left = 0;
        padding = 0;
    }

    private byte[] readSmall(long size) throws IOException {
        if (size > LONGEST_HEADER) {
            throw new InsecureArchive(where + " holds a name of " + size + " bytes");
        }
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size) {
            throw new EOFException("the tar ends inside a header");
        }
        left = 0;
        return bytes;
    }

    private void checkSum(byte[] header) {
        long expected = number(header, 148, 8);
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        if (sum != expected) {
            throw new UnsupportedArtifact(where + " is not a tar: a header's checksum is wrong");
        }
    }

    private long number(byte[] header, int offset, int length) {
        if ((header[offset] & 0x80) != 0) {
            long value = header[offset] & 0x7f;
            for (int i = offset + 1; i < offset + length; i++) {
                if (value > Long.MAX_VALUE >> 8) {
                    throw new InsecureArchive(where + " holds a number that is too large");
                }
                value = value << 8 | header[i] & 0xff;
            }
            return value;
        }
        String octal = text(header, offset, length).strip();
        if (!octal.matches("[0-7]{0,21}")) {
            throw new UnsupportedArtifact(
                    where + " is not a tar: a header holds '" + printable(octal) + "' for a number");
        }
        return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
    }

    private Optional<String> paxValue(String pax, String key) {
        Optional<String> value = Optional.empty();
        for (String line : pax.split("\n")) {
            int space = line.indexOf(' ');
            int equals = line.indexOf('=');
            if (space > 0 && equals > space && line.substring(space + 1, equals).equals(key)) {
                value = Optional.of(line.substring(equals + 1));
            }
        }
        return value;
    }

    private long paxNumber(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new UnsupportedArtifact(where + " is not a tar: a size is '" + printable(text) + "'");
        }
        return Long.parseLong(text);
    }

    private static String name(byte[] header) {
        String name = text(header, 0, 100);
        boolean ustar = text(header, 257, 6).startsWith("ustar") && header[263] == '0';
        String prefix = ustar ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
    }

    private static boolean allZero(byte[] block) {
        return Arrays.equals(block, new byte[block.length]);
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static String kind(char type) {
        return switch (type) {
            case '1' -> "a hard link";
            case '2' -> "a symbolic link";
            case '3', '4' -> "a device";
            case '6' -> "a pipe";
            default -> "of the unknown kind '" + printable(String.valueOf(type)) + "'";
        };
    }
}

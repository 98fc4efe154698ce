package health.vantage.models.artifact.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes around one file in a deterministic USTAR: no owner, no time, mode 0644, so that the same file gives the same
 * layer on every machine.
 */
public final class TarHeader {
    private static final int BLOCK = 512;
    /** 11 octal digits. */
    public static final long LARGEST_FILE = 0_77777777777L;

    private TarHeader() {}

    /** @throws IllegalArgumentException if USTAR cannot hold this path or size */
    public static byte[] of(String path, long size) {
        if (size > LARGEST_FILE) {
            throw new IllegalArgumentException(path + " has " + size + " bytes; a tar holds at most " + LARGEST_FILE);
        }
        byte[] header = new byte[BLOCK];
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        int split = split(bytes, path);
        if (split < 0) {
            System.arraycopy(bytes, 0, header, 0, bytes.length);
        } else {
            System.arraycopy(bytes, split + 1, header, 0, bytes.length - split - 1);
            System.arraycopy(bytes, 0, header, 345, split);
        }
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, String.format("%011o\0", size));
        put(header, 136, "00000000000\0");
        put(header, 148, "        ");
        put(header, 156, "0");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        return header;
    }

    /** What follows the file: zeros up to the block's end, then the two zero blocks that end the archive. */
    public static byte[] trailer(long size) {
        return new byte[(int) ((BLOCK - size % BLOCK) % BLOCK) + 2 * BLOCK];
    }

    /** Where a long path is cut into prefix and name; -1 if it fits as it is. */
    private static int split(byte[] path, String shown) {
        if (path.length <= 100) {
            return -1;
        }
        for (int i = Math.min(155, path.length - 1); i >= Math.max(1, path.length - 101); i--) {
            if (path[i] == '/' && i < path.length - 1) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "The path '" + shown + "' is too long for a tar; shorten it to 100 characters");
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(Arrays.copyOf(bytes, bytes.length), 0, header, offset, bytes.length);
    }
}

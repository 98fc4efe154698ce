package health.vantage.models.artifact.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.progress.ProgressInputStream;
import health.vantage.models.artifact.progress.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What a tar holds beside its files: the bytes before each of them, and those after the last. Files and framing together
 * give the tar again, and so its digest, which the signed manifest names: the cache needs to keep no second copy of the
 * weights to prove that they are what was signed.
 */
record Framing(List<Piece> pieces) {
    private static final int BUFFER = 256 << 10;

    /** @param zeros follow the bytes: a tar is padded with them */
    record Piece(byte[] bytes, long zeros) {
        static Piece of(byte[] framing) {
            int end = framing.length;
            while (end > 0 && framing[end - 1] == 0) {
                end--;
            }
            return new Piece(Arrays.copyOf(framing, end), framing.length - end);
        }

        void addTo(MessageDigest hash) {
            hash.update(bytes);
            byte[] block = new byte[512];
            for (long left = zeros; left > 0; left -= block.length) {
                hash.update(block, 0, (int) Math.min(left, block.length));
            }
        }
    }

    Framing {
        pieces = List.copyOf(pieces);
    }

    ArrayNode toJson() {
        ArrayNode array = Json.newObject().putArray("framing");
        for (Piece piece : pieces) {
            array.addObject()
                    .put("bytes", Base64.getEncoder().encodeToString(piece.bytes()))
                    .put("zeros", piece.zeros());
        }
        return array;
    }

    /** @throws IllegalArgumentException if it is damaged */
    static Framing fromJson(JsonNode array) {
        var pieces = new ArrayList<Piece>();
        for (JsonNode node : array) {
            pieces.add(new Piece(
                    Base64.getDecoder().decode(node.path("bytes").asText()),
                    node.path("zeros").asLong()));
        }
        return new Framing(pieces);
    }

    /** The digest of the tar with these files in their order. */
    Digest digest(List<Path> files) throws IOException {
        return digest(files, ProgressListener.NONE);
    }

    Digest digest(List<Path> files, ProgressListener listener) throws IOException {
        if (files.size() != pieces.size() - 1) {
            throw new IOException("the framing is for " + (pieces.size() - 1) + " files, not " + files.size());
        }
        MessageDigest hash = Digest.sha256();
        for (int i = 0; i < files.size(); i++) {
            pieces.get(i).addTo(hash);
            addFile(hash, files.get(i), listener);
        }
        pieces.getLast().addTo(hash);
        return Digest.finish(hash);
    }

    static Digest digestOf(Path file) throws IOException {
        return digestOf(file, ProgressListener.NONE);
    }

    static Digest digestOf(Path file, ProgressListener listener) throws IOException {
        MessageDigest hash = Digest.sha256();
        addFile(hash, file, listener);
        return Digest.finish(hash);
    }

    private static void addFile(MessageDigest hash, Path file, ProgressListener listener) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = new ProgressInputStream(
                Files.newInputStream(file), listener, file.getFileName().toString(), Files.size(file))) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
    }
}

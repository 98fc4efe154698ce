package health.vantage.models.artifact;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A content digest, {@code sha256:<64 hex digits>}: the only name of content that the project trusts.
 *
 * <p>Source: OCI image spec, descriptor.md. Only SHA-256 is accepted: it is what registries and cosign write.
 *
 * @param hex the 64 lower-case hex digits
 */
public record Digest(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");
    private static final String PREFIX = "sha256:";

    public Digest {
        if (hex == null || !FORM.matcher(hex).matches()) {
            throw new IllegalArgumentException("A digest is sha256: and 64 lower-case hex digits, not '" + hex + "'");
        }
    }

    /** @throws IllegalArgumentException if the text is not {@code sha256:} and 64 lower-case hex digits */
    @JsonCreator
    public static Digest parse(String text) {
        if (text == null || !text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("A digest is sha256: and 64 lower-case hex digits, not '" + text + "'");
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    public static Digest of(byte[] content) {
        return of(sha256().digest(content), 0);
    }

    private static Digest of(byte[] hash, int offset) {
        return new Digest(HexFormat.of().formatHex(hash, offset, hash.length));
    }

    /** A fresh SHA-256, for hashing while streaming. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** The digest of everything fed to {@code hash} so far; resets it. */
    public static Digest finish(MessageDigest hash) {
        return of(hash.digest(), 0);
    }

    /** The first 12 hex digits: for people, never for comparing. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @JsonValue
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}

package health.vantage.models.runner.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The bearer tokens of a file, one client a line: {@code name: token}, or {@code name: sha256:<64 hex digits>} where the file shall not hold
 * the token. A name on two lines has two tokens, so that one can be changed without an interruption. Only hashes are kept.
 */
final class Tokens {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}");
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-fA-F]{64}");
    private static final int SHORTEST = 16;
    private static final int LONGEST = 4096;
    private static final int MOST = 1000;

    private record Known(String name, byte[] hash) {}

    private volatile List<Known> known = List.of();

    /** @throws IllegalArgumentException naming the line; never what is in it, which may be a token */
    void take(List<byte[]> contents) {
        List<Known> next = new ArrayList<>();
        int number = 0;
        for (String line :
                new String(contents.getFirst(), StandardCharsets.UTF_8).lines().toList()) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                next.add(parse(line, number));
            }
        }
        if (next.isEmpty()) {
            throw new IllegalArgumentException("there is no token in it; write \"name: token\", one a line");
        }
        if (next.size() > MOST) {
            throw new IllegalArgumentException("it has " + next.size() + " tokens; at most " + MOST + " are taken");
        }
        known = List.copyOf(next);
    }

    private static Known parse(String line, int number) {
        int colon = line.indexOf(':');
        String name = line.substring(0, Math.max(0, colon)).strip();
        String token = line.substring(colon + 1).strip();
        if (colon < 0 || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "line " + number + " does not begin with a name and a colon; write \"name: token\"");
        }
        if (token.startsWith("sha256:")) {
            if (!HASH.matcher(token).matches()) {
                throw new IllegalArgumentException("line " + number + " has no 64 hexadecimal digits after sha256:");
            }
            return new Known(name, HexFormat.of().parseHex(token.substring("sha256:".length())));
        }
        if (token.length() < SHORTEST || token.length() > LONGEST) {
            throw new IllegalArgumentException("line " + number + " has a token of " + token.length() + " characters; "
                    + SHORTEST + " to " + LONGEST + " are taken, such as \"openssl rand -hex 32\" makes");
        }
        return new Known(name, hash(token));
    }

    /** The name of a token's client. Every known hash is compared, each in constant time, so that time tells nothing. */
    Optional<String> nameOf(String token) {
        byte[] hash = hash(token);
        String name = null;
        for (Known one : known) {
            if (MessageDigest.isEqual(one.hash(), hash)) {
                name = one.name();
            }
        }
        return Optional.ofNullable(name);
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

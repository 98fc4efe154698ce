package health.vantage.models.artifact;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names a repository of model artifacts, and optionally one artifact in it: by tag, by digest, or both.
 *
 * <p>Two forms: {@code registry.host[:port]/repo/path[:tag][@sha256:...]} for a registry, and
 * {@code oci:/path/to/layout[:tag][@sha256:...]} for an OCI image layout folder. There is no default registry: a name
 * without a host is refused, because a typing error would otherwise ask a public registry for a private model.
 *
 * <p>Source: OCI distribution spec, "Pulling manifests" (the grammars of {@code <name>} and {@code <tag>}).
 *
 * @param registry {@code host[:port]}; empty for a layout folder
 * @param path the repository's path in the registry, or the layout's folder
 * @param tag the tag, if the text has one
 * @param digest the digest, if the text has one; it wins over the tag
 */
public record Reference(Optional<String> registry, String path, Optional<String> tag, Optional<Digest> digest) {
    /** What a layout reference starts with. */
    public static final String LAYOUT = "oci:";

    private static final int LONGEST = 4096;
    private static final int LONGEST_NAME = 255;
    private static final Pattern HOST =
            Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?");
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    /**
     * @throws IllegalArgumentException with a sentence that names the text and what is wrong with it
     */
    public static Reference parse(String text) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException(
                    "A model reference is empty; write registry.host/repo/path[:tag] or oci:/folder[:tag]");
        }
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "A model reference has " + text.length() + " characters; at most " + LONGEST + " are allowed");
        }
        if (text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw bad(text, "it contains a space or a control character");
        }
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            try {
                digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            } catch (IllegalArgumentException e) {
                throw bad(text, "what follows '@' is not a digest (sha256: and 64 lower-case hex digits)");
            }
            rest = rest.substring(0, at);
        }
        boolean layout = rest.startsWith(LAYOUT);
        rest = layout ? rest.substring(LAYOUT.length()) : rest;
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/') && (layout || rest.indexOf('/') >= 0)) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        if (tag.isPresent() && !isTag(tag.get())) {
            throw bad(text, "'" + tag.get() + "' is not a tag (letters, digits, '_', '.', '-', at most 128)");
        }
        return layout ? layout(text, rest, tag, digest) : remote(text, rest, tag, digest);
    }

    /** A reference to a layout folder, without tag or digest. */
    public static Reference ofLayout(Path folder) {
        return new Reference(Optional.empty(), folder.toString(), Optional.empty(), Optional.empty());
    }

    /** Whether the text may be a tag, by the distribution spec's grammar. */
    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    private static Reference layout(String text, String path, Optional<String> tag, Optional<Digest> digest) {
        if (path.isEmpty()) {
            throw bad(text, "no folder follows 'oci:'");
        }
        return new Reference(Optional.empty(), path, tag, digest);
    }

    private static Reference remote(String text, String rest, Optional<String> tag, Optional<Digest> digest) {
        int slash = rest.indexOf('/');
        String host = slash < 0 ? "" : rest.substring(0, slash);
        boolean looksLikeHost = host.contains(".") || host.contains(":") || host.equals("localhost");
        if (!looksLikeHost) {
            throw bad(text, "it does not start with a registry host, such as registry.example.com/" + rest);
        }
        if (!HOST.matcher(host).matches()) {
            throw bad(text, "'" + host + "' is not a host[:port]");
        }
        String path = rest.substring(slash + 1);
        if (path.length() > LONGEST_NAME || !NAME.matcher(path).matches()) {
            throw bad(
                    text,
                    "'" + path + "' is not a repository path (lower-case letters and digits, parted by '.', '_', '-', "
                            + "'/'; at most " + LONGEST_NAME + ")");
        }
        return new Reference(Optional.of(host), path, tag, digest);
    }

    private static IllegalArgumentException bad(String text, String why) {
        String shown = text.length() <= 200 ? text : text.substring(0, 200) + "...";
        return new IllegalArgumentException("'" + shown + "' is not a model reference: " + why);
    }

    public boolean isLayout() {
        return registry.isEmpty();
    }

    /** The folder of a layout reference. */
    public Path folder() {
        if (!isLayout()) {
            throw new IllegalStateException(this + " is in a registry, not in a folder");
        }
        return Path.of(path);
    }

    /** The repository without tag and digest; {@link #parse} reads it again. */
    public String repository() {
        return registry.map(host -> host + "/" + path).orElse(LAYOUT + path);
    }

    /** The last part of the path: the model's name, by convention (ARTIFACT: a tag may not name another model). */
    public String name() {
        String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return bare.substring(bare.lastIndexOf('/') + 1);
    }

    /** What is asked for in the repository: the digest, else the tag. */
    public Optional<String> tagOrDigest() {
        return digest.map(Digest::toString).or(() -> tag);
    }

    public Reference withTag(String newTag) {
        if (!isTag(newTag)) {
            throw bad(repository() + ":" + newTag, "'" + newTag + "' is not a tag");
        }
        return new Reference(registry, path, Optional.of(newTag), Optional.empty());
    }

    public Reference withDigest(Digest newDigest) {
        return new Reference(registry, path, Optional.empty(), Optional.of(newDigest));
    }

    @Override
    public String toString() {
        return repository()
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}

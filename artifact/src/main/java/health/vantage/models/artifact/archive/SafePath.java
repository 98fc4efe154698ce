package health.vantage.models.artifact.archive;

import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import java.util.ArrayList;
import java.util.List;

/** Decides which paths an archive may write to: only below the folder it is unpacked into, by plain names. */
public final class SafePath {
    private static final int LONGEST = 1024;
    private static final int LONGEST_PART = 255;
    private static final int DEEPEST = 32;

    private SafePath() {}

    /**
     * The path with '/' between its parts, without "./" and a trailing '/'; empty for the root itself.
     *
     * @param where begins the error's sentence, such as "The layer sha256:..."
     * @throws InsecureArchive if it leads out, or cannot be a plain file name
     */
    public static String of(String path, String where) {
        if (path.length() > LONGEST) {
            throw new InsecureArchive(where + " has a path of " + path.length() + " characters; at most " + LONGEST);
        }
        if (path.startsWith("/") || path.startsWith("\\") || path.matches("[A-Za-z]:.*")) {
            throw refused(path, where, "it is absolute");
        }
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                throw refused(path, where, "it leads out of its folder");
            }
            if (part.length() > LONGEST_PART) {
                throw refused(path, where, "a part is longer than " + LONGEST_PART);
            }
            if (part.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == 0xfffd)) {
                throw refused(path, where, "it has control characters or backslashes, or is not UTF-8");
            }
            parts.add(part);
        }
        if (parts.size() > DEEPEST) {
            throw refused(path, where, "it is deeper than " + DEEPEST + " folders");
        }
        return String.join("/", parts);
    }

    private static InsecureArchive refused(String path, String where, String why) {
        String shown = path.replaceAll("\\p{Cntrl}", "?");
        return new InsecureArchive(where + " holds the path '" + shown.substring(0, Math.min(200, shown.length()))
                + "': " + why + ". Nothing of it is used; pack the model again");
    }
}

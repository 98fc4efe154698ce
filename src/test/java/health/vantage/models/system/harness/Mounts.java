package health.vantage.models.system.harness;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Where the folders that a container sees lie on this machine. A local process has no mount namespace, so the paths in its
 * arguments and environment are rewritten instead.
 *
 * @param folders mount path in the container to folder here
 */
record Mounts(Map<String, Path> folders) {
    Mounts {
        folders = Map.copyOf(folders);
    }

    /** The value with a mount path at its start, or after the first {@code =} or {@code file://}, put right. */
    String translate(String value) {
        for (String mount : longestFirst()) {
            for (String before : List.of("", "file://", value.substring(0, value.indexOf('=') + 1))) {
                String start = before + mount;
                boolean whole = value.equals(start) || value.startsWith(start + "/");
                if (whole) {
                    return before + folders.get(mount) + value.substring(start.length());
                }
            }
        }
        return value;
    }

    private List<String> longestFirst() {
        return folders.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }
}

package health.vantage.models.system.harness;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Kubernetes version, as far as flags and features depend on it. */
public record KubeVersion(int major, int minor) implements Comparable<KubeVersion> {
    private static final Pattern FORM = Pattern.compile("v?(\\d+)\\.(\\d+)");

    /**
     * The first {@code major.minor} in a text such as {@code Kubernetes v1.20.2}.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static KubeVersion in(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException(
                    "No Kubernetes version in \"" + text + "\": expected something like v1.20.2");
        }
        return new KubeVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** Whether this is the given 1.x version or a later one. */
    public boolean isAtLeast(int minor) {
        return compareTo(new KubeVersion(1, minor)) >= 0;
    }

    @Override
    public int compareTo(KubeVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}

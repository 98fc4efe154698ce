package health.vantage.models.artifact.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.resolve.Selector.VersionRange;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

/** Ranges against what npm's rules say of them, worked out here a second time, for versions and ranges by chance. */
class VersionRangeTest {
    private static final int ROUNDS = 5000;

    /** Compared as numbers, in their order. */
    private record Version(int major, int minor, int patch) implements Comparable<Version> {
        @Override
        public int compareTo(Version other) {
            return major != other.major
                    ? Integer.compare(major, other.major)
                    : minor != other.minor ? Integer.compare(minor, other.minor) : Integer.compare(patch, other.patch);
        }

        boolean within(Version from, Version below) {
            return compareTo(from) >= 0 && compareTo(below) < 0;
        }

        @Override
        public String toString() {
            return major + "." + minor + "." + patch;
        }
    }

    private final Random random = new Random(2026);

    private Version some() {
        // Two digits now and then: as text, 10 is less than 9.
        IntSupplier number = () -> random.nextInt(4) == 0 ? 9 + random.nextInt(3) : random.nextInt(3);
        return new Version(number.getAsInt(), number.getAsInt(), number.getAsInt());
    }

    private void agree(String range, Predicate<Version> rule) {
        var read = new VersionRange(range);
        for (int i = 0; i < 5; i++) {
            Version version = some();
            assertThat(read.contains(Semver.parse(version.toString())))
                    .as("%s in %s", version, range)
                    .isEqualTo(rule.test(version));
            assertThat(read.contains(Semver.parse(version + "-jetson")))
                    .as("the prerelease %s-jetson in %s", version, range)
                    .isFalse();
        }
    }

    @Test
    void caretsTildesAndWildcardsMeanWhatNpmSays() {
        for (int round = 0; round < ROUNDS; round++) {
            Version v = some();
            Version caret = v.major > 0
                    ? new Version(v.major + 1, 0, 0)
                    : v.minor > 0 ? new Version(0, v.minor + 1, 0) : new Version(0, 0, v.patch + 1);
            switch (round % 5) {
                case 0 -> agree("^" + v, x -> x.within(v, caret));
                case 1 -> agree("~" + v, x -> x.within(v, new Version(v.major, v.minor + 1, 0)));
                case 2 ->
                    agree(
                            "~" + v.major + "." + v.minor,
                            x -> x.within(new Version(v.major, v.minor, 0), new Version(v.major, v.minor + 1, 0)));
                case 3 -> agree(v.major + ".x", x -> x.major == v.major);
                default -> agree(v.toString(), x -> x.equals(v));
            }
        }
    }

    @Test
    void boundsAndAlternativesMeanWhatTheySay() {
        for (int round = 0; round < ROUNDS; round++) {
            Version from = some();
            Version to = some();
            switch (round % 3) {
                case 0 -> agree(">=" + from + " <" + to, x -> x.within(from, to));
                case 1 -> agree(">" + from + " || <=" + to, x -> x.compareTo(from) > 0 || x.compareTo(to) <= 0);
                default -> agree(from + " - " + to, x -> x.compareTo(from) >= 0 && x.compareTo(to) <= 0);
            }
        }
    }
}

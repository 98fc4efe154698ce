package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.Digest;
import java.util.List;
import org.semver4j.Semver;
import org.semver4j.range.RangeListFactory;

/** What a deployment asks a repository for. */
public sealed interface Selector {
    /** The artifact that has all of these capabilities, found by the moving tags {@code <capability>-<variant>}. */
    record Capabilities(List<String> capabilities) implements Selector {
        public Capabilities {
            capabilities = List.copyOf(capabilities);
            if (capabilities.isEmpty()) {
                throw new IllegalArgumentException("At least one capability must be asked for");
            }
        }

        @Override
        public String toString() {
            return "capabilities " + String.join(", ", capabilities);
        }
    }

    /** The newest version in a range ({@code ~2.4}, {@code >=2.0 <3}) that has every variant asked for. */
    record VersionRange(String range) implements Selector {
        private static final int LONGEST = 256;

        /** @throws IllegalArgumentException if the text is not a range */
        public VersionRange {
            // The library takes some words for "any version" and answers others with a range that nothing matches.
            boolean readable = range != null
                    && range.length() <= LONGEST
                    && range.matches("[0-9v*xX.<>=~^| +A-Za-z-]*[0-9*xX][0-9v*xX.<>=~^| +A-Za-z-]*")
                    && !range.isBlank()
                    && !RangeListFactory.create(range).get().isEmpty();
            if (!readable) {
                throw new IllegalArgumentException("'" + range
                        + "' is not a version range; write for example ~2.4, ^2.4.1, " + "2.x, or \">=2.0 <3\"");
            }
        }

        boolean contains(Semver version) {
            return version.satisfies(RangeListFactory.create(range));
        }

        @Override
        public String toString() {
            return "version " + range;
        }
    }

    /** Exactly this manifest (one variant) or image index. */
    record Pinned(Digest digest) implements Selector {
        @Override
        public String toString() {
            return digest.toString();
        }
    }
}

package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.Digest;
import java.util.List;

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

package health.vantage.models.artifact.resolve;

import java.util.Optional;
import org.semver4j.Semver;

/** What a tag's name says. */
final class TagNames {
    private TagNames() {}

    /** Tags that tools leave behind, not people: signatures, attestations, SBOMs, referrer lists. */
    static boolean isBookkeeping(String tag) {
        return tag.startsWith("sha256-") || tag.endsWith(".sig") || tag.endsWith(".att") || tag.endsWith(".sbom");
    }

    /** A tag cannot hold the '+' of a build number; '_' stands for it, as in Helm. */
    static Optional<Semver> version(String tag) {
        return Optional.ofNullable(Semver.parse(tag.replace('_', '+')));
    }

    static String of(Semver version) {
        return version.getVersion().replace('+', '_');
    }
}

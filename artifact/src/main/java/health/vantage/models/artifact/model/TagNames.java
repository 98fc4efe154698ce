package health.vantage.models.artifact.model;

import java.util.Optional;
import org.semver4j.Semver;

/** What a tag's name says. */
public final class TagNames {
    private static final String TWIN = "-oci";

    private TagNames() {}

    /** The tag of the image twin of what is under this tag. */
    public static String twin(String of) {
        return of + TWIN;
    }

    /** Tags under which no model is looked for: signatures, attestations, SBOMs, referrer lists, image twins. */
    public static boolean isBookkeeping(String tag) {
        return tag.startsWith("sha256-")
                || tag.endsWith(".sig")
                || tag.endsWith(".att")
                || tag.endsWith(".sbom")
                || tag.endsWith(TWIN);
    }

    /** A tag cannot hold the '+' of a build number; '_' stands for it, as in Helm. */
    public static Optional<Semver> version(String tag) {
        return Optional.ofNullable(Semver.parse(tag.replace('_', '+')));
    }

    public static String of(Semver version) {
        return version.getVersion().replace('+', '_');
    }
}

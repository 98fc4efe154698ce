package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The referrers tag schema, for registries and folders without the referrers API. Source: OCI distribution spec. */
final class Referrers {
    /** More are not looked at: whoever can push could otherwise make every verification slow. */
    static final int MOST = 256;

    private Referrers() {}

    static String fallbackTag(Digest subject) {
        return "sha256-" + subject.hex();
    }

    static boolean isFallbackTag(String tag, Digest subject) {
        return tag.equals(fallbackTag(subject));
    }

    static Descriptor descriptor(FetchedManifest manifest) {
        Descriptor plain = Descriptor.of(manifest.mediaType(), manifest.digest(), manifest.bytes().length)
                .annotated(manifest.parsed().annotations());
        return manifest.parsed()
                .effectiveArtifactType()
                .map(plain::withArtifactType)
                .orElse(plain);
    }

    static List<Descriptor> distinct(List<Descriptor> all) {
        Map<Digest, Descriptor> byDigest = new LinkedHashMap<>();
        all.forEach(d -> byDigest.putIfAbsent(d.digest(), d));
        return byDigest.values().stream().limit(MOST).toList();
    }
}

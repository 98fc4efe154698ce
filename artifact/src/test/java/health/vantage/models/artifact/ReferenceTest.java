package health.vantage.models.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
    private static final String DIGEST = "sha256:" + "ab".repeat(32);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "registry.vantage.health/vantage/retina-seg",
                "registry.vantage.health:5000/vantage/retina-seg:2.4.1-jetson",
                "localhost/retina-seg:cv3-jetson",
                "127.0.0.1:5000/a/b/c@sha256:abababababababababababababababababababababababababababababababab",
                "[::1]:5000/a:t",
                "oci:/var/models/retina-seg",
                "oci:relative/retina-seg:cv3-jetson",
                "oci:/var/models/retina-seg:t@sha256:abababababababababababababababababababababababababababababababab",
            })
    void whatIsParsedIsWrittenTheSameAgain(String text) {
        assertThat(Reference.parse(text)).hasToString(text);
    }

    @Test
    void partsOfARegistryReferenceAreTold() {
        Reference reference = Reference.parse("registry.vantage.health:5000/vantage/retina-seg:cv3-jetson@" + DIGEST);
        assertThat(reference.isLayout()).isFalse();
        assertThat(reference.registry()).contains("registry.vantage.health:5000");
        assertThat(reference.repository()).isEqualTo("registry.vantage.health:5000/vantage/retina-seg");
        assertThat(reference.name()).isEqualTo("retina-seg");
        assertThat(reference.tag()).contains("cv3-jetson");
        assertThat(reference.tagOrDigest()).contains(DIGEST);
    }

    @Test
    void repositoryWithoutTagAndDigestIsParseableAgain() {
        for (String text : new String[] {"oci:/models/retina-seg:t@" + DIGEST, "r.io/a/retina-seg:t@" + DIGEST}) {
            Reference reference = Reference.parse(text);
            Reference bare = Reference.parse(reference.repository());
            assertThat(bare.tagOrDigest()).isEmpty();
            assertThat(bare.withDigest(Digest.parse(DIGEST)).withTag("x")).hasToString(reference.repository() + ":x");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "retina-seg",
                "vantage/retina-seg:1",
                "registry.io/",
                "registry.io/UPPER",
                "registry.io/a//b",
                "registry.io/a/../b",
                "registry.io/a:bad tag",
                "registry.io/a:-x",
                "registry.io/a@sha256:short",
                "registry.io/a@md5:00",
                "reg istry.io/a",
                "user:pass@registry.io/a",
                "https://registry.io/a",
                "oci:",
                "registry.io/a\u0000b",
            })
    void whatIsNotAReferenceIsRefusedWithASentence(String text) {
        assertThatThrownBy(() -> Reference.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reference");
    }

    @Test
    void endlessReferencesAreRefused() {
        assertThatThrownBy(() -> Reference.parse("registry.io/" + "a".repeat(5000)))
                .hasMessageContaining("5012 characters");
    }
}

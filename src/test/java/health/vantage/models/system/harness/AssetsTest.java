package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssetsTest {
    @Test
    void missingProgramsAreAnErrorThatSaysWhatToRun(@TempDir Path empty) {
        assertThatThrownBy(() -> new Assets(empty, Optional.empty()).program("etcd"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no program etcd in " + empty)
                .hasMessageContaining("make control-plane");
    }

    @Test
    void theVersionIsReadFromWhatTheProgramsSay() {
        assertThat(KubeVersion.in("Kubernetes v1.36.2")).isEqualTo(new KubeVersion(1, 36));
        assertThat(KubeVersion.in("Kubernetes v1.20.2").isAtLeast(25)).isFalse();
        assertThat(KubeVersion.in("v1.25.0").isAtLeast(25)).isTrue();
    }

    @Test
    void anImageIsFoundByTheEndOfItsRepositoryAndTheMostExactNameWins() {
        var images = new Images();
        Launcher usual = Launcher.program("usual");
        Launcher broken = Launcher.program("broken");
        images.put("vantage/runner", usual);
        images.put("vantage/runner:broken", broken);

        assertThat(images.launcher("registry.example:5000/vantage/runner:1.2@sha256:ab"))
                .isEqualTo(usual);
        assertThat(images.launcher("vantage/runner:broken")).isEqualTo(broken);
        assertThatThrownBy(() -> images.launcher("registry.example/other-vantage/runners:1"))
                .hasMessageContaining("other-vantage/runners");
    }

    @Test
    void pathsInsideMountsAreRewrittenAndOthersAreNot() {
        var mounts = new Mounts(Map.of("/var/lib/vantage", Path.of("/tmp/n1/host/cache"), "/keys", Path.of("/k")));

        assertThat(mounts.translate("/var/lib/vantage/blobs")).isEqualTo("/tmp/n1/host/cache/blobs");
        assertThat(mounts.translate("--cache=/var/lib/vantage")).isEqualTo("--cache=/tmp/n1/host/cache");
        assertThat(mounts.translate("file:///keys/a.pub")).isEqualTo("file:///k/a.pub");
        assertThat(mounts.translate("/var/lib/vantage-other")).isEqualTo("/var/lib/vantage-other");
    }
}

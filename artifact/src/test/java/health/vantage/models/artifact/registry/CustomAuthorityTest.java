package health.vantage.models.artifact.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry whose certificate was signed by the hospital itself. */
class CustomAuthorityTest {
    @TempDir
    Path folder;

    @BeforeEach
    void certificates() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is missing: install it to make certificates");
        for (String authority : new String[] {"ours", "other"}) {
            openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + authority
                    + " -keyout " + authority + ".key -out " + authority + ".pem");
        }
        Files.writeString(folder.resolve("san"), "subjectAltName=IP:127.0.0.1\n");
        openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=registry -keyout server.key -out server.csr");
        openssl(
                "x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 -extfile san -out server.pem");
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("openssl " + arguments).split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as("openssl %s: %s", arguments, Files.readString(folder.resolve("openssl.log")))
                .isZero();
    }

    private Repository open(RegistryOptions options, String host) {
        return new Repositories(options).open(Reference.parse(host + "/vantage/retina-seg"));
    }

    @Test
    void itIsTrustedIfItsAuthorityWasGivenAndOnlyThen() throws IOException {
        var environment = Map.of(
                "REGISTRY_HTTP_TLS_CERTIFICATE", folder.resolve("server.pem").toString(),
                "REGISTRY_HTTP_TLS_KEY", folder.resolve("server.key").toString());
        try (var registry = RegistryProcess.start(folder, environment)) {
            Repository trusted = open(Models.options().withCaFile(folder.resolve("ours.pem")), registry.host());
            Digest digest =
                    Models.push(trusted, folder.resolve("work"), Models.metadata("1.0.0", "jetson", "cv3"), "t");
            try (var cache = NodeCache.open(
                    folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
                cache.pull(trusted, digest, PullListener.NONE);
                assertThat(cache.verify(digest).weights()).hasSize(2);
            }

            Repository wrong = open(Models.options().withCaFile(folder.resolve("other.pem")), registry.host());
            assertThatThrownBy(() -> wrong.head("t"))
                    .isInstanceOf(RegistryUnavailable.class)
                    .hasMessageContaining("certification path");
        }
    }

    @Test
    void aFileWithoutCertificatesIsRefusedAtOnce() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        assertThatThrownBy(() -> open(Models.options().withCaFile(empty), "registry.example.com"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty.pem");
    }
}

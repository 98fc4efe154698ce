package health.vantage.models.artifact.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Helpers are programs of other people; these are small scripts that behave well and badly. */
class CredentialHelperTest {
    private static final String HOST = "registry.example.com";

    @TempDir
    Path folder;

    private Optional<Credential> ask(String script) throws IOException {
        return ask(script, Duration.ofSeconds(20));
    }

    private Optional<Credential> ask(String script, Duration patience) throws IOException {
        Path program = Files.writeString(folder.resolve("docker-credential-test"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return CredentialHelper.ask(program.toString(), HOST, patience);
    }

    @Test
    void aHelperIsAskedForTheHostAndGivesUserAndPassword() throws IOException {
        String script = "[ \"$1\" = get ] && [ \"$(cat)\" = " + HOST
                + " ] && echo '{\"ServerURL\":\"x\",\"Username\":\"ada\",\"Secret\":\"s3cret\"}'";
        assertThat(ask(script)).contains(new Credential.Basic("ada", "s3cret"));
    }

    @Test
    void aUserNamedTokenMeansAnIdentityToken() throws IOException {
        assertThat(ask("cat >/dev/null; echo '{\"Username\":\"<token>\",\"Secret\":\"abc\"}'"))
                .contains(new Credential.IdentityToken("abc"));
    }

    @Test
    void aHelperThatHasNothingIsNoError() throws IOException {
        assertThat(ask("cat >/dev/null; echo 'credentials not found in native keychain'; exit 1"))
                .isEmpty();
    }

    @Test
    void aHelperThatFailsIsAnErrorThatDoesNotShowWhatItPrinted() {
        assertThatThrownBy(() -> ask("cat >/dev/null; echo s3cret; exit 3"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContainingAll(HOST, "exit code 3")
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> ask("cat >/dev/null; echo '{\"Secret\":'"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aHelperThatDoesNotReadItsQuestionMayStillAnswer() throws IOException {
        assertThat(ask("echo '{\"Username\":\"ada\",\"Secret\":\"x\"}'")).contains(new Credential.Basic("ada", "x"));
    }

    @Test
    void aHelperThatHangsIsEnded() {
        Path pid = folder.resolve("pid");
        assertThatThrownBy(() -> ask("echo $$ >" + pid + "; exec sleep 600", Duration.ofSeconds(1)))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("did not answer");
        Awaitility.await("the helper is gone").atMost(Duration.ofSeconds(10)).until(() -> ProcessHandle.of(
                        Long.parseLong(Files.readString(pid).strip()))
                .filter(ProcessHandle::isAlive)
                .isEmpty());
    }

    @Test
    void aHelperThatIsNotInstalledIsNamed() {
        var config = DockerConfig.of("{\"credHelpers\":{\"registry.example.com\":\"not-there\"}}".getBytes());
        assertThatThrownBy(() -> config.find(HOST, "x"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("docker-credential-not-there");
        assertThat(config.find("other.example.com", "x")).isEmpty();
    }

    @Test
    void aHelperNameThatIsAPathIsRefused() {
        var config = DockerConfig.of("{\"credsStore\":\"../../tmp/evil\"}".getBytes());
        assertThatThrownBy(() -> config.find(HOST, "x"))
                .isInstanceOf(RegistryDenied.class)
                .hasMessageContaining("not a plain program name");
    }
}

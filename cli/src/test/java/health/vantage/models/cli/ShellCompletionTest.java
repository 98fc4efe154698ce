package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The completion script in a real bash, and the program that kubectl asks. */
class ShellCompletionTest {
    private static final Path FOR_KUBECTL =
            Path.of("bin/kubectl_complete-model").toAbsolutePath();

    @TempDir
    Path folder;

    private Path script;

    @BeforeEach
    void write() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is not here: install it to test its completion");
        var text = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(text)).execute("completion", "bash"))
                .isZero();
        script = Files.writeString(folder.resolve("completion.bash"), text.toString());
    }

    private String bash(String program, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("/bin/bash", "--norc", "-c", program, "bash"));
        command.addAll(Arrays.asList(arguments));
        Path log = folder.resolve("bash.log");
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .directory(folder.toFile());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    /** What a tab after these words offers; the last is being typed. */
    private List<String> offered(String... words) throws Exception {
        return bash("""
                        source "$1"; shift
                        complete -p kubectl-model >/dev/null || exit 1
                        COMP_WORDS=(kubectl-model "$@"); COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; COMPREPLY=()
                        _complete_kubectl-model 2>/dev/null
                        printf '%s\\n' "${COMPREPLY[@]}"
                        """, concat(script.toString(), words))
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private static String[] concat(String first, String... rest) {
        var all = new ArrayList<>(List.of(first));
        all.addAll(Arrays.asList(rest));
        return all.toArray(String[]::new);
    }

    @Test
    void commandsAreOffered() throws Exception {
        assertThat(offered("pu")).containsExactlyInAnyOrder("push", "pull");
        assertThat(offered("")).contains("pack", "ls", "twin", "resolve", "verify", "status", "completion");
    }

    @Test
    void optionsOfTheCommandAreOffered() throws Exception {
        assertThat(offered("ls", "--ca")).containsExactlyInAnyOrder("--ca-file", "--capability");
        assertThat(offered("pack", "--i")).containsExactly("--image");
    }

    @Test
    void valuesOfAnOptionAreOffered() throws Exception {
        assertThat(offered("sign", "--form", "")).containsExactlyInAnyOrder("v2", "v3", "both");
        assertThat(offered("ls", "-o", "")).containsExactlyInAnyOrder("table", "json", "yaml");
        assertThat(offered("completion", "")).contains("bash", "zsh");
    }

    @Test
    void kubectlIsToldTheSameInItsOwnForm() throws Exception {
        Path launcher = folder.resolve("kubectl-model");
        Files.writeString(launcher, "#!/bin/bash\necho asked >>'" + folder + "/asked'\ncat '" + script + "'\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path program = Files.copy(FOR_KUBECTL, folder.resolve("kubectl_complete-model"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(bash("\"$@\"", program.toString(), "pu").lines()).containsExactlyInAnyOrder("push", "pull", ":4");
        assertThat(bash("\"$@\"", program.toString(), "ls", "-o", "").lines())
                .containsExactlyInAnyOrder("table", "json", "yaml", ":4");
        assertThat(bash("\"$@\"", program.toString(), "pack", "-w", "").lines())
                .as("files are the shell's to offer")
                .containsExactly(":0");
        assertThat(folder.resolve("asked")).as("the script is made once").hasContent("asked");
    }
}

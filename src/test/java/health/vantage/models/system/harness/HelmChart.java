package health.vantage.models.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A chart of this project and the real helm that installs it, as a cluster administrator.
 *
 * @param home folder for helm's own cache and settings, so that the user's are not read
 */
public record HelmChart(Path helm, Path kubeconfig, Path home, Path chart) {
    /**
     * Installs the chart, or upgrades the release when there is one; returns when the API server has taken the objects.
     *
     * @param values {@code --set-string}-like settings; {@code a.b=c} with types as YAML has them ({@code true}, {@code 3})
     * @param options further options of {@code helm upgrade}
     * @return what helm printed
     * @throws IllegalStateException with what helm said, when it fails
     */
    public String install(String release, String namespace, Map<String, String> values, String... options) {
        var command = new ArrayList<>(List.of("upgrade", "--install", release, chart.toString(), "--create-namespace"));
        command.addAll(List.of("--namespace", namespace));
        values.forEach((name, value) -> command.addAll(List.of("--set", name + "=" + value)));
        command.addAll(List.of(options));
        return run(command);
    }

    /** Takes the release away again. */
    public String uninstall(String release, String namespace) {
        return run(List.of("uninstall", release, "--namespace", namespace));
    }

    /** The objects that an installation would make, as YAML; asks no cluster. */
    public String template(String release, String namespace, Map<String, String> values) {
        var command = new ArrayList<>(List.of("template", release, chart.toString(), "--namespace", namespace));
        values.forEach((name, value) -> command.addAll(List.of("--set", name + "=" + value)));
        return run(command);
    }

    private String run(List<String> arguments) {
        var command = new ArrayList<>(List.of(helm.toString()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        for (String folder : List.of("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")) {
            builder.environment().put(folder, home.resolve(folder).toString());
        }
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(
                        "helm " + String.join(" ", arguments) + " failed with exit status " + status + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("The program " + helm + " cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while helm was at work", e);
        }
    }
}

package health.vantage.models.system.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The programs that {@code hack/control-plane} made ready, and the cluster that the person gave instead of them, if any.
 *
 * @param folder where kubectl, helm and docker-registry lie, and without a given cluster the control plane's programs
 * @param givenCluster kubeconfig of a cluster to use (environment variable {@code KUBECONFIG_TEST})
 */
public record Assets(Path folder, Optional<Path> givenCluster) {
    /** System property that names the folder. */
    public static final String PROPERTY = "vantage.kube.assets";

    private static final String HOW =
            "Run \"make control-plane\" (once, up to 10 minutes) and pass the folder that it prints" + " as -D"
                    + PROPERTY + "=FOLDER, or run \"make system-test\", which does both.";

    /**
     * The assets named by the system property {@value #PROPERTY}.
     *
     * @throws IllegalStateException with what to run, when the property or the folder is missing
     */
    public static Assets locate() {
        String named = System.getProperty(PROPERTY, "");
        if (named.isBlank()) {
            throw new IllegalStateException("Whole-system tests need the programs of a real Kubernetes, and the system"
                    + " property " + PROPERTY + " is not set. " + HOW);
        }
        Path folder = Path.of(named).toAbsolutePath();
        if (!Files.isDirectory(folder)) {
            throw new IllegalStateException(PROPERTY + "=" + named + " is not a folder. " + HOW);
        }
        String given = System.getenv().getOrDefault("KUBECONFIG_TEST", "");
        return new Assets(folder, given.isBlank() ? Optional.empty() : Optional.of(Path.of(given)));
    }

    /**
     * The path of one program.
     *
     * @throws IllegalStateException with what to run, when it is not there
     */
    public Path program(String name) {
        Path program = folder.resolve(name);
        if (!Files.isExecutable(program)) {
            throw new IllegalStateException("There is no program " + name + " in " + folder + ". " + HOW);
        }
        return program;
    }
}

package health.vantage.models.system.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the containers of an image are on this machine: the local program in place of the image's entry point, and the
 * settings that would collide when several "nodes" share one machine.
 *
 * @param entryPoint the program and its fixed arguments; the pod's {@code args} follow. Empty: the pod's own
 *     {@code command} is run as it is written
 * @param defaultArguments used when the pod gives no {@code args} (the image's CMD)
 * @param ports environment variable that sets a listening port, with the container port that the program would take without
 *     it; every container gets a free port in its place
 * @param folders environment variable that names a folder, with the folder that the program would take without it; every
 *     node (hostPath) or container (anything else) gets a folder of its own in its place
 * @param environment added to the container's own
 */
public record Launcher(
        List<String> entryPoint,
        List<String> defaultArguments,
        Map<String, Integer> ports,
        Map<String, String> folders,
        Map<String, String> environment) {

    public Launcher {
        entryPoint = List.copyOf(entryPoint);
        defaultArguments = List.copyOf(defaultArguments);
        ports = Map.copyOf(ports);
        folders = Map.copyOf(folders);
        environment = Map.copyOf(environment);
    }

    /** A program, with its fixed arguments. */
    public static Launcher program(String... entryPoint) {
        return new Launcher(List.of(entryPoint), List.of(), Map.of(), Map.of(), Map.of());
    }

    /** A jar, run by the Java that runs this. */
    public static Launcher jar(Path jar, String... options) {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of(options));
        words.add("-jar");
        words.add(jar.toAbsolutePath().toString());
        return new Launcher(words, List.of(), Map.of(), Map.of(), Map.of());
    }

    /** Whatever the pod's own command says. */
    public static Launcher commandOfThePod() {
        return program();
    }

    public Launcher withDefaultArguments(String... arguments) {
        return new Launcher(entryPoint, List.of(arguments), ports, folders, environment);
    }

    /** Adds a listening port; see {@link #ports}. */
    public Launcher withPort(String variable, int containerPort) {
        return new Launcher(entryPoint, defaultArguments, and(ports, variable, containerPort), folders, environment);
    }

    /** Adds a folder; see {@link #folders}. */
    public Launcher withFolder(String variable, String folder) {
        return new Launcher(entryPoint, defaultArguments, ports, and(folders, variable, folder), environment);
    }

    /** Adds an environment variable; the pod's own of that name wins. */
    public Launcher withEnvironment(String variable, String value) {
        return new Launcher(entryPoint, defaultArguments, ports, folders, and(environment, variable, value));
    }

    private static <T> Map<String, T> and(Map<String, T> map, String key, T value) {
        var more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }
}

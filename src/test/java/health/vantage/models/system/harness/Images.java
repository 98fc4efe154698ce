package health.vantage.models.system.harness;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which launcher plays which image. The most exact name wins. */
final class Images {
    /** An empty one: no process, only the appearance. */
    private final Map<String, Optional<Launcher>> launchers = new ConcurrentHashMap<>();

    void put(String image, Launcher launcher) {
        launchers.put(image, Optional.of(launcher));
    }

    void simulate(String image) {
        launchers.put(image, Optional.empty());
    }

    boolean isSimulated(String reference) {
        return find(reference).filter(Optional::isEmpty).isPresent();
    }

    /**
     * The launcher of an image.
     *
     * @throws CannotStart when nobody said what the image is on this machine
     */
    Launcher launcher(String reference) {
        return find(reference)
                .flatMap(known -> known)
                .orElseThrow(() -> new CannotStart(
                        "ErrImagePull",
                        "The stand-in kubelet was not told what image \"" + reference
                                + "\" is on this machine; it knows " + launchers.keySet() + "."));
    }

    /**
     * What stands for an image reference: of {@code repository:tag} if one was given, else of the repository; a name also
     * stands for every longer repository that ends with it ({@code vantage/runner} for {@code registry.x/vantage/runner}).
     */
    private Optional<Optional<Launcher>> find(String reference) {
        String withoutDigest = reference.split("@", 2)[0];
        int colon = withoutDigest.lastIndexOf(':');
        String repository = colon > withoutDigest.lastIndexOf('/') ? withoutDigest.substring(0, colon) : withoutDigest;
        return longest(withoutDigest).or(() -> longest(repository));
    }

    private Optional<Optional<Launcher>> longest(String name) {
        return launchers.entrySet().stream()
                .filter(known -> name.equals(known.getKey()) || name.endsWith("/" + known.getKey()))
                .max((one, other) ->
                        Integer.compare(one.getKey().length(), other.getKey().length()))
                .map(Map.Entry::getValue);
    }
}

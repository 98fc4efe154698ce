package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.registry.Repository;
import java.util.List;

/** Finds the one version, and its artifact per variant, that a selector asks for. Stateless. */
public final class Resolver {
    public Resolution resolve(Repository repository, Selector selector, List<String> variants) {
        throw new UnsupportedOperationException("Resolving " + selector + " in " + repository.reference() + variants);
    }
}

package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Reference;

/** The way to all repositories: registries and layout folders. Keeps what they share: tokens and settings. */
public final class Repositories {
    private final RegistryOptions options;

    public Repositories(RegistryOptions options) {
        this.options = options;
    }

    /** The reference's repository; its tag and digest do not matter here, and nothing is asked yet. */
    public Repository open(Reference reference) {
        throw new UnsupportedOperationException("Opening " + reference + " with " + options.userAgent());
    }
}

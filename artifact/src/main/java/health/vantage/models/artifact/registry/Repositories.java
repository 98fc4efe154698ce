package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Reference;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;

/** The way to all repositories: registries and layout folders. Keeps what they share: tokens and settings. */
public final class Repositories {
    private final RegistryOptions options;
    private final HttpTransport transport;
    private final InstantSource clock;
    private final ConcurrentHashMap<String, RegistryClient> clients = new ConcurrentHashMap<>();

    public Repositories(RegistryOptions options) {
        this(options, InstantSource.system());
    }

    /** @param clock tells when a token is too old, and how long a {@code Retry-After} date is away */
    public Repositories(RegistryOptions options, InstantSource clock) {
        this.options = options;
        this.clock = clock;
        this.transport = new HttpTransport(options);
    }

    /** The reference's repository; its tag and digest do not matter here, and nothing is asked yet. */
    public Repository open(Reference reference) {
        return reference
                .registry()
                .<Repository>map(host -> new RemoteRepository(reference, client(host)))
                .orElseGet(() -> new LayoutRepository(reference));
    }

    private RegistryClient client(String host) {
        return clients.computeIfAbsent(host, h -> new RegistryClient(h, options, transport, clock));
    }
}

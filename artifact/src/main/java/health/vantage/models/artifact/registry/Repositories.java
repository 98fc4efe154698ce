package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Reference;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** The way to all repositories: registries and layout folders. Keeps what they share: tokens and settings. */
public final class Repositories {
    private final RegistryOptions options;
    private final HttpTransport transport;
    private final InstantSource clock;
    private final ConcurrentHashMap<String, RegistryClient> clients = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, RegistryClient> mirrorClients = new ConcurrentHashMap<>();
    private final Outages outages;

    public Repositories(RegistryOptions options) {
        this(options, InstantSource.system());
    }

    /** @param clock tells when a token is too old, and how long a {@code Retry-After} date is away */
    public Repositories(RegistryOptions options, InstantSource clock) {
        this.options = options;
        this.clock = clock;
        this.transport = new HttpTransport(options);
        this.outages = new Outages(clock);
    }

    /** The reference's repository; its tag and digest do not matter here, and nothing is asked yet. */
    public Repository open(Reference reference) {
        if (reference.isLayout()) {
            return new LayoutRepository(reference);
        }
        String host = reference.registry().orElseThrow();
        Repository origin = new RemoteRepository(
                reference, clients.computeIfAbsent(host, h -> new RegistryClient(h, options, transport, clock)));
        List<Repository> mirrors = options.mirrors().getOrDefault(host, List.of()).stream()
                .map(mirror -> mirror(Reference.parse(mirror + "/" + reference.path())))
                .toList();
        return mirrors.isEmpty() ? origin : new MirroredRepository(mirrors, origin, outages);
    }

    private Repository mirror(Reference reference) {
        String host = reference.registry().orElseThrow();
        // Trying a mirror again takes longer than asking the next place.
        return new RemoteRepository(
                reference,
                mirrorClients.computeIfAbsent(
                        host, h -> new RegistryClient(h, options.withAttempts(1), transport, clock)));
    }
}

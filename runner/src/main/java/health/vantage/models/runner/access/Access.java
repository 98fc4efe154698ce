package health.vantage.models.runner.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides who calls and whether it may. Reads its files again while it is open. */
public final class Access implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);
    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +(\\S{1,4096}) *");

    /** Addresses come and go: those without anything open are forgotten beyond this. */
    private static final int MOST_CLIENTS = 10_000;

    private final ClientLimits limits;
    private final Optional<ServerTls> tls;
    private final Optional<Tokens> tokens;
    private final ClientMetrics metrics;
    private final List<WatchedFiles> watched = new ArrayList<>();
    private final Map<ClientId, Client> clients = new ConcurrentHashMap<>();
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("access-files").daemon().factory());

    private Access(AccessOptions options, InstantSource clock, MeterRegistry registry) {
        ReloadMetrics reloads = new ReloadMetrics(registry);
        this.limits = options.limits();
        this.metrics = new ClientMetrics(registry);
        this.tls = options.tls().map(files -> ServerTls.open(files, clock, reloads));
        tls.ifPresent(one -> watched.addAll(one.watched()));
        this.tokens = options.tokens().map(_ -> new Tokens());
        tokens.ifPresent(known -> {
            WatchedFiles files =
                    new WatchedFiles("tokens", List.of(options.tokens().orElseThrow()), known::take, reloads);
            files.first();
            watched.add(files);
        });
        if (tokens.isPresent() && tls.isEmpty()) {
            LOG.warn("tokens travel in plain text on the TCP ports: give a certificate as well");
        }
        long millis = Math.max(1, options.look().toMillis());
        if (!watched.isEmpty()) {
            looking.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** @throws IllegalArgumentException when a file cannot be used, naming it and why */
    public static Access open(AccessOptions options, InstantSource clock, MeterRegistry registry) {
        return new Access(options, clock, registry);
    }

    private void look() {
        try {
            watched.forEach(WatchedFiles::again);
        } catch (RuntimeException e) {
            // Thrown out of here, it would end the looking for ever.
            LOG.error("certificates and tokens are looked at again later", e);
        }
    }

    /** Whether callers send tokens meant for this runner, which are nobody else's business. */
    public boolean asksTokens() {
        return tokens.isPresent();
    }

    public Optional<ServerTls> tls() {
        return tls;
    }

    /**
     * What a call came with.
     *
     * @param authorization the header of that name
     * @param certificate of the client, checked by the handshake
     */
    public record Credentials(
            Optional<String> authorization, Optional<X509Certificate> certificate, SocketAddress address) {
        /** The client's own certificate, where it had to show one. */
        public static Optional<X509Certificate> shownIn(SSLSession session) {
            try {
                Certificate[] chain = session.getPeerCertificates();
                return chain.length > 0 && chain[0] instanceof X509Certificate own
                        ? Optional.of(own)
                        : Optional.empty();
            } catch (SSLPeerUnverifiedException e) {
                return Optional.empty();
            }
        }

        boolean overUnixSocket() {
            return ClientId.of(address).kind() == ClientId.Kind.SOCKET;
        }
    }

    /**
     * Tells who calls. The Unix socket asks for nothing: its folder decides who may; but a token that is sent must be right.
     *
     * @throws AccessDenied when it cannot be told and must be
     */
    public Client client(Credentials given) throws AccessDenied {
        try {
            return clientOf(identity(given));
        } catch (AccessDenied denied) {
            metrics.unauthenticated();
            throw denied;
        }
    }

    private ClientId identity(Credentials given) throws AccessDenied {
        boolean local = given.overUnixSocket();
        if (tls.filter(ServerTls::asksClients).isPresent()
                && !local
                && given.certificate().isEmpty()) {
            throw new AccessDenied("this runner asks for a client certificate, and none was shown");
        }
        if (tokens.isPresent() && (!local || given.authorization().isPresent())) {
            return ClientId.ofToken(token(given, tokens.get()));
        }
        return given.certificate().map(ClientId::of).orElseGet(() -> ClientId.of(given.address()));
    }

    private static String token(Credentials given, Tokens tokens) throws AccessDenied {
        String header = given.authorization()
                .orElseThrow(() -> new AccessDenied(
                        "this runner asks for a token: send the header \"authorization: Bearer <token>\""));
        Matcher bearer = BEARER.matcher(header);
        if (!bearer.matches()) {
            throw new AccessDenied("the authorization header is not \"Bearer <token>\"");
        }
        return tokens.nameOf(bearer.group(1))
                .orElseThrow(() -> new AccessDenied("the token is none of this runner's; it may have been replaced"));
    }

    private Client clientOf(ClientId id) {
        if (clients.size() > MOST_CLIENTS) {
            clients.values().removeIf(Client::idle);
        }
        return clients.computeIfAbsent(id, one -> new Client(one, limits, metrics));
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}

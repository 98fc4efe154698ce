package health.vantage.models.runner.access;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.2 and 1.3 for both ports, from files. A new certificate is shown to connections that begin after it was read; those that are open
 * go on.
 */
public final class ServerTls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** A resumed session is not checked against the clients' CA again, so that it must be short. In seconds. */
    private static final int SESSION_SECONDS = 60;

    private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
    private final Optional<AdvancedTlsX509TrustManager> clients;
    private final List<WatchedFiles> watched = new ArrayList<>();
    private final InstantSource clock;
    private volatile Optional<ServerIdentity> identity = Optional.empty();

    private ServerTls(Optional<AdvancedTlsX509TrustManager> clients, InstantSource clock) {
        this.clients = clients;
        this.clock = clock;
    }

    /** @throws IllegalArgumentException when the files cannot be used, naming them and why */
    static ServerTls open(TlsFiles files, InstantSource clock, ReloadMetrics metrics) {
        try {
            ServerTls tls = new ServerTls(
                    files.clientCa().isPresent()
                            ? Optional.of(
                                    AdvancedTlsX509TrustManager.newBuilder().build())
                            : Optional.empty(),
                    clock);
            tls.watch("certificates", List.of(files.certificate(), files.key()), tls::takeIdentity, metrics);
            files.clientCa().ifPresent(ca -> tls.watch("client CAs", List.of(ca), tls::takeClientCa, metrics));
            metrics.certificate(() -> tls.identity.orElseThrow().expires());
            return tls;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no X.509 trust managers", e);
        }
    }

    private void watch(String what, List<Path> paths, WatchedFiles.Use use, ReloadMetrics metrics) {
        WatchedFiles files = new WatchedFiles(what, paths, use, metrics);
        files.first();
        watched.add(files);
    }

    private void takeIdentity(List<byte[]> contents) throws GeneralSecurityException {
        ServerIdentity next = ServerIdentity.parse(contents.get(0), contents.get(1));
        next.checkReplaces(identity, clock.instant());
        if (!next.validAt(clock.instant())) {
            LOG.error("clients will refuse this runner's certificate: it is valid to {}", next.expires());
        }
        keys.updateIdentityCredentials(next.chain().toArray(X509Certificate[]::new), next.key());
        identity = Optional.of(next);
    }

    private void takeClientCa(List<byte[]> contents) throws GeneralSecurityException {
        try {
            clients.orElseThrow()
                    .updateTrustCredentials(
                            PemFile.certificates(contents.getFirst()).toArray(X509Certificate[]::new));
        } catch (IOException e) {
            throw new GeneralSecurityException("the certificates cannot be trusted: " + e.getMessage(), e);
        }
    }

    /** Whether clients must show a certificate. */
    boolean asksClients() {
        return clients.isPresent();
    }

    /** For whoever looks at them again from time to time. */
    List<WatchedFiles> watched() {
        return List.copyOf(watched);
    }

    /** For the gRPC port, where a client without the certificate asked for does not get through the handshake. */
    public SslContext forGrpc() {
        SslContextBuilder builder = SslContextBuilder.forServer(keys)
                .protocols(PROTOCOLS)
                .sessionTimeout(SESSION_SECONDS)
                .clientAuth(asksClients() ? ClientAuth.REQUIRE : ClientAuth.NONE);
        clients.ifPresent(builder::trustManager);
        try {
            return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** For the HTTP port, where probes have no certificate to show: it is asked for, and checked where it is shown. */
    public HttpsConfigurator forHttp() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {keys},
                    clients.map(trust -> new TrustManager[] {trust}).orElse(new TrustManager[0]),
                    null);
            context.getServerSessionContext().setSessionTimeout(SESSION_SECONDS);
            return new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters connection) {
                    SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
                    parameters.setProtocols(PROTOCOLS);
                    parameters.setWantClientAuth(asksClients());
                    connection.setSSLParameters(parameters);
                }
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}

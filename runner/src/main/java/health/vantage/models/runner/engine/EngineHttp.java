package health.vantage.models.runner.engine;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.util.Timeout;

/**
 * HTTP to engines on the loopback interface, each request on a connection of its own: a kept one may be closed by the engine in the moment
 * that a request takes it up, and a prompt is not sent twice. Neither redirects nor proxies of the environment: an engine is on this
 * machine. {@link java.net.HttpURLConnection} keeps connections whatever a request's headers say, and gave requests to closed ones.
 */
final class EngineHttp {
    private static final int CONNECT_SECONDS = 5;

    private static final CloseableHttpClient CLIENT = HttpClients.custom()
            .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                    // How many requests an engine gets at once is decided before (maxRequests).
                    .setMaxConnTotal(Integer.MAX_VALUE)
                    .setMaxConnPerRoute(Integer.MAX_VALUE)
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setConnectTimeout(Timeout.ofSeconds(CONNECT_SECONDS))
                            .build())
                    .build())
            .setConnectionReuseStrategy((_, _, _) -> false)
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableContentCompression()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableDefaultUserAgent()
            .build();

    private EngineHttp() {}

    /** An answer whose body may still be coming. */
    record Answer(HttpUriRequestBase request, ClassicHttpResponse head) implements AutoCloseable {
        /** Breaks off what has not come yet; the library's own way would wait for it. */
        @Override
        public void close() {
            request.cancel();
        }
    }

    /** @param silence how long not a byte may come, before the answer and within it */
    static Answer ask(HttpUriRequestBase request, Duration silence) throws IOException {
        request.setHeader(HttpHeaders.CONNECTION, "close");
        request.setConfig(RequestConfig.custom()
                .setResponseTimeout(Timeout.of(silence))
                .setAuthenticationEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .build());
        return new Answer(request, CLIENT.executeOpen(null, request, null));
    }

    /** The status that a GET answers with. */
    static int status(URI url, Duration silence) throws IOException {
        try (Answer answer = ask(new HttpGet(url), silence)) {
            return answer.head().getCode();
        }
    }

    /** The body of a GET, as far as it is not longer than {@code most} bytes. */
    static byte[] get(URI url, Duration silence, int most) throws IOException {
        try (Answer answer = ask(new HttpGet(url), silence)) {
            if (answer.head().getCode() / 100 != 2) {
                throw new IOException(
                        url + " answers with status " + answer.head().getCode());
            }
            HttpEntity body = answer.head().getEntity();
            byte[] bytes = body == null ? new byte[0] : body.getContent().readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException(url + " answers with more than " + most + " bytes");
            }
            return bytes;
        }
    }
}

package health.vantage.models.runner.engine;

import com.sun.net.httpserver.HttpExchange;
import health.vantage.models.runner.backend.ExternalModel;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;

/** One request on its way to an engine and its answer on the way back, byte by byte as they come: an LLM's tokens must not wait for the last. */
final class Relay {
    /** RFC 9110, section 7.6.1: they speak of one connection, not of the request. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect");

    private static final int CHUNK = 16 * 1024;

    private final HttpExchange exchange;
    private final ExternalModel engine;
    private final Target target;
    private final boolean ownTokens;

    Relay(HttpExchange exchange, ExternalModel engine, Target target, boolean ownTokens) {
        this.exchange = exchange;
        this.engine = engine;
        this.target = target;
        this.ownTokens = ownTokens;
    }

    /** What came of it. */
    sealed interface Outcome {}

    record Answered() implements Outcome {}

    /** Status 4xx, from the engine or for a body that is too large. */
    record CallersFault() implements Outcome {}

    record CallerGone() implements Outcome {}

    /** Status 5xx from the engine, passed on. */
    record EngineError() implements Outcome {}

    /** No answer came; the caller is still to be told. */
    record Refused(int status, String why) implements Outcome {}

    /** The answer broke off in the middle. */
    record Failed(String why) implements Outcome {}

    private static final class CallerLost extends IOException {
        CallerLost(IOException cause) {
            super(cause);
        }
    }

    private static final class TooLarge extends IOException {}

    Outcome run() throws IOException {
        HttpUriRequestBase request;
        try {
            request = request();
        } catch (TooLarge e) {
            return tooLarge();
        } catch (IllegalArgumentException e) {
            ProxyAnswer.refuse(exchange, 400, "the path cannot be passed on: " + e.getMessage());
            return new CallersFault();
        }
        EngineHttp.Answer answer;
        try {
            answer = EngineHttp.ask(request, engine.limits().silence());
        } catch (TooLarge e) {
            return tooLarge();
        } catch (CallerLost e) {
            return new CallerGone();
        } catch (SocketTimeoutException e) {
            return new Refused(
                    504, "no answer within " + engine.limits().silence().toSeconds() + " s (requestTimeout)");
        } catch (IOException e) {
            return new Refused(502, "the engine broke off: " + e.getMessage());
        }
        try (answer) {
            return receive(answer.head());
        }
    }

    private CallersFault tooLarge() throws IOException {
        ProxyAnswer.refuse(
                exchange,
                413,
                "the request has more than " + engine.limits().requestBytes() + " bytes (maxRequestMiB)");
        return new CallersFault();
    }

    private HttpUriRequestBase request() throws TooLarge {
        HttpUriRequestBase request = new HttpUriRequestBase(exchange.getRequestMethod(), target.at(engine.address()));
        exchange.getRequestHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(lower) && !(ownTokens && lower.equals("authorization"))) {
                values.forEach(value -> request.addHeader(name, value));
            }
        });
        long most = engine.limits().requestBytes();
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length != null) {
            // The JDK's server has refused a length that is no number.
            long bytes = Long.parseLong(length);
            if (bytes > most) {
                throw new TooLarge();
            }
            if (bytes > 0 || !exchange.getRequestMethod().equals("GET")) {
                request.setEntity(new InputStreamEntity(new CallersBody(exchange.getRequestBody(), most), bytes, null));
            }
        } else if (exchange.getRequestHeaders().containsKey("Transfer-Encoding")) {
            request.setEntity(new InputStreamEntity(new CallersBody(exchange.getRequestBody(), most), null));
        }
        return request;
    }

    /** Tells a caller's failures from the engine's, and ends at a limit. */
    private static final class CallersBody extends FilterInputStream {
        private long left;

        CallersBody(InputStream body, long most) {
            super(body);
            this.left = most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read;
            try {
                read = super.read(into, offset, length);
            } catch (IOException e) {
                throw new CallerLost(e);
            }
            left -= Math.max(0, read);
            if (left < 0) {
                throw new TooLarge();
            }
            return read;
        }

        @Override
        public void close() {
            // What is left of a refused request is read after its answer: the exchange closes it.
        }
    }

    private Outcome receive(ClassicHttpResponse answer) throws IOException {
        for (Header header : answer.getHeaders()) {
            if (!HOP_BY_HOP.contains(header.getName().toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().add(header.getName(), header.getValue());
            }
        }
        int status = answer.getCode();
        HttpEntity body = exchange.getRequestMethod().equals("HEAD") ? null : answer.getEntity();
        try {
            long length = body == null ? 0 : body.getContentLength();
            // For the JDK's server -1 is no body, and 0 one of unknown length.
            exchange.sendResponseHeaders(status, length == 0 ? -1 : Math.max(0, length));
            if (length != 0) {
                pump(body.getContent());
            }
            exchange.close();
        } catch (CallerLost e) {
            return new CallerGone();
        } catch (IOException e) {
            return new Failed("its answer broke off: " + e.getMessage());
        }
        return status >= 500 ? new EngineError() : status >= 400 ? new CallersFault() : new Answered();
    }

    private void pump(InputStream in) throws IOException {
        OutputStream out = exchange.getResponseBody();
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            try {
                out.write(chunk, 0, read);
                out.flush();
            } catch (IOException e) {
                throw new CallerLost(e);
            }
        }
    }
}

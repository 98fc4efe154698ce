package health.vantage.models.artifact.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who we are at one registry. Its text never shows the secret. */
public sealed interface Credential {
    /** A user and a password or access token. */
    record Basic(String user, String password) implements Credential {
        String header() {
            return "Basic "
                    + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "Basic[user=" + user + "]";
        }
    }

    /** An OAuth2 refresh token, docker's {@code identitytoken}. */
    record IdentityToken(String token) implements Credential {
        @Override
        public String toString() {
            return "IdentityToken[]";
        }
    }
}

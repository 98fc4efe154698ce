package health.vantage.models.artifact.verify;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Whose certificates are trusted, in the terms of {@code cosign verify}.
 *
 * @param issuer who established the identity: the URL of an OIDC provider, such as
 *     {@code https://token.actions.githubusercontent.com}
 * @param subject the identity itself: an e-mail address, or the URI of a workflow
 * @param trustedRoot a Sigstore {@code trusted_root.json}; empty for that of the public-good instance
 */
public record KeylessIdentity(Match issuer, Match subject, Optional<String> trustedRoot) {

    /**
     * As flags and files spell it: of each pair exactly one is given, the other is null.
     *
     * @throws IllegalArgumentException saying which is missing or wrong
     */
    public static KeylessIdentity of(
            String issuer, String issuerRegExp, String subject, String subjectRegExp, String trustedRoot) {
        return new KeylessIdentity(
                Match.of("issuer", issuer, issuerRegExp),
                Match.of("subject", subject, subjectRegExp),
                Optional.ofNullable(trustedRoot));
    }

    /** How a name must look. */
    public sealed interface Match {
        boolean matches(String name);

        /** Letter by letter. */
        static Match exact(String name) {
            return new Exact(checked(name));
        }

        /** @throws IllegalArgumentException if this is not a regular expression */
        static Match pattern(String regExp) {
            try {
                return new RegExp(Pattern.compile(checked(regExp)));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "'" + regExp + "' is not a regular expression: " + e.getDescription(), e);
            }
        }

        private static Match of(String what, String exact, String regExp) {
            if ((exact == null) == (regExp == null)) {
                throw new IllegalArgumentException(
                        "keyless: either the " + what + " or a regular expression for it" + " is needed, and not both");
            }
            return exact == null ? pattern(regExp) : exact(exact);
        }

        private static String checked(String text) {
            if (text == null || text.isBlank() || text.length() > LONGEST) {
                throw new IllegalArgumentException("An issuer or subject has 1 to " + LONGEST + " characters");
            }
            return text;
        }
    }

    private static final int LONGEST = 2048;

    private record Exact(String name) implements Match {
        @Override
        public boolean matches(String other) {
            return name.equals(other);
        }

        @Override
        public String toString() {
            return "'" + name + "'";
        }
    }

    /** The whole name: a pattern that may match anywhere would trust {@code evil.example/?good.example}. */
    private record RegExp(Pattern pattern) implements Match {
        @Override
        public boolean matches(String other) {
            return other.length() <= LONGEST && pattern.matcher(other).matches();
        }

        @Override
        public String toString() {
            return "/" + pattern + "/";
        }
    }

    @Override
    public String toString() {
        return "subject " + subject + " of the issuer " + issuer;
    }
}

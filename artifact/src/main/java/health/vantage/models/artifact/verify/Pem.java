package health.vantage.models.artifact.verify;

import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One block of PEM. Source: RFC 7468. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----\\s+([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private Pem() {}

    static byte[] decode(String pem, String label, int longest) {
        if (pem == null || pem.length() > longest) {
            throw new IllegalArgumentException(
                    "The key is " + (pem == null ? "missing" : "longer than " + longest + " characters"));
        }
        Matcher block = BLOCK.matcher(pem.strip());
        if (!block.matches()) {
            throw new IllegalArgumentException("The key is not one PEM block (-----BEGIN " + label + "----- ...)");
        }
        if (!block.group(1).equals(label)) {
            throw new IllegalArgumentException("The key is a '" + block.group(1) + "', not a '" + label + "'");
        }
        try {
            return Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The key is not valid base64", e);
        }
    }
}

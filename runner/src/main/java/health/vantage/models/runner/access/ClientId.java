package health.vantage.models.runner.access;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * Who calls, as far as it can be told: the name of its token, else of its certificate, else where it calls from.
 *
 * @param name for limits, metrics and errors
 */
record ClientId(Kind kind, String name) {
    private static final int URI = 6;
    private static final int DNS = 2;
    private static final int LONGEST = 128;

    enum Kind {
        TOKEN,
        CERTIFICATE,
        ADDRESS,
        /** Over the Unix socket, whose folder decides who may. */
        SOCKET
    }

    static ClientId ofToken(String name) {
        return new ClientId(Kind.TOKEN, name);
    }

    /** The first URI (a SPIFFE ID is one) or DNS name it was issued for, else the subject's common name, else the whole subject. */
    static ClientId of(X509Certificate certificate) {
        String name = alternative(certificate, URI);
        name = name.isEmpty() ? alternative(certificate, DNS) : name;
        name = name.isEmpty() ? commonName(certificate.getSubjectX500Principal().getName()) : name;
        return new ClientId(Kind.CERTIFICATE, name.length() <= LONGEST ? name : name.substring(0, LONGEST));
    }

    static ClientId of(SocketAddress address) {
        return address instanceof InetSocketAddress tcp && tcp.getAddress() != null
                ? new ClientId(Kind.ADDRESS, tcp.getAddress().getHostAddress())
                : new ClientId(Kind.SOCKET, "unix");
    }

    private static String alternative(X509Certificate certificate, int type) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? ""
                    : names.stream()
                            .filter(name -> Integer.valueOf(type).equals(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .findFirst()
                            .orElse("");
        } catch (CertificateParsingException e) {
            // Signed by our CA all the same; its subject names it.
            return "";
        }
    }

    private static String commonName(String subject) {
        try {
            return new LdapName(subject)
                    .getRdns().stream()
                            .filter(part -> part.getType().equalsIgnoreCase("CN"))
                            .map(part -> String.valueOf(part.getValue()))
                            .findFirst()
                            .orElse(subject);
        } catch (InvalidNameException e) {
            return subject;
        }
    }
}

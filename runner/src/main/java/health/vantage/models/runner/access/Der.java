package health.vantage.models.runner.access;

import java.io.ByteArrayOutputStream;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/**
 * Wraps the older forms of private keys, which cert-manager writes by default, into the one that Java reads: RFC 5208 around RFC 8017
 * or RFC 5915.
 */
final class Der {
    private static final int INTEGER = 0x02;
    private static final int OCTETS = 0x04;
    private static final int OID = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xa0;
    /** 1.2.840.113549.1.1.1, and that RSA has no parameters. */
    private static final byte[] RSA = {
        OID, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    /** 1.2.840.10045.2.1; the curve follows. */
    private static final byte[] EC = {OID, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private static final byte[] VERSION = {INTEGER, 1, 0};

    private Der() {}

    static byte[] pkcs8OfRsa(byte[] pkcs1) {
        return wrap(SEQUENCE, join(VERSION, wrap(SEQUENCE, RSA), wrap(OCTETS, pkcs1)));
    }

    /** @throws InvalidKeySpecException when the key does not name its curve */
    static byte[] pkcs8OfEc(byte[] sec1) throws InvalidKeySpecException {
        return wrap(SEQUENCE, join(VERSION, wrap(SEQUENCE, join(EC, curve(sec1))), wrap(OCTETS, sec1)));
    }

    /** SEQUENCE { INTEGER 1, OCTET STRING key, [0] curve, [1] public key }. */
    private static byte[] curve(byte[] sec1) throws InvalidKeySpecException {
        try {
            int at = contents(sec1, 0);
            while (at < sec1.length) {
                int from = contents(sec1, at);
                int to = from + length(sec1, at);
                if ((sec1[at] & 0xff) == PARAMETERS) {
                    return Arrays.copyOfRange(sec1, from, to);
                }
                at = to;
            }
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new InvalidKeySpecException("the EC private key is cut off", e);
        }
        throw new InvalidKeySpecException("the EC private key does not name its curve; write it as PKCS #8");
    }

    private static int contents(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        // A length beyond the key, or one that overflowed, ends as "cut off".
        return length < 0 ? Integer.MAX_VALUE - at - 10 : length;
    }

    private static byte[] wrap(int tag, byte[] contents) {
        ByteArrayOutputStream der = new ByteArrayOutputStream(contents.length + 6);
        der.write(tag);
        if (contents.length < 0x80) {
            der.write(contents.length);
        } else {
            int bytes = contents.length < 0x100 ? 1 : contents.length < 0x10000 ? 2 : 3;
            der.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                der.write(contents.length >> shift);
            }
        }
        der.writeBytes(contents);
        return der.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}

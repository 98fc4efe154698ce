package health.vantage.models.artifact.verify;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** DSSE's pre-authentication encoding: what is really signed. Source: secure-systems-lab/dsse, protocol.md. */
public final class Dsse {
    private Dsse() {}

    /** @param payload itself, not its base64 */
    public static byte[] encode(String payloadType, byte[] payload) {
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream();
        out.writeBytes(("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(type);
        out.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(payload);
        return out.toByteArray();
    }
}

package health.vantage.models.keyless;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sigstore.bundle.Bundle.DsseEnvelope;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.verify.Dsse;
import java.util.List;

/**
 * An envelope as sigstore-java 2.0.0 must see it. The library counts the characters of what is signed where DSSE counts
 * bytes, so that a bill of materials with one umlaut would not verify; and it wants a name for each subject, which in-toto
 * does not and cosign 3 does not write. What is hashed and checked is the payload itself all the same. Sources:
 * secure-systems-lab/dsse protocol.md, in-toto attestation spec v1 (ResourceDescriptor).
 */
record ExactEnvelope(DsseEnvelope read) implements DsseEnvelope {
    @Override
    public byte[] getPayload() {
        return read.getPayload();
    }

    @Override
    public String getPayloadType() {
        return read.getPayloadType();
    }

    @Override
    public List<Signature> getSignatures() {
        return read.getSignatures();
    }

    /** Read for its subjects alone. */
    @Override
    public String getPayloadAsString() {
        ObjectNode statement = Json.object(getPayload());
        for (JsonNode subject : statement.path("subject")) {
            if (subject instanceof ObjectNode one && !one.has("name")) {
                one.put("name", "");
            }
        }
        return Json.text(statement);
    }

    @Override
    public byte[] getPAE() {
        return Dsse.encode(getPayloadType(), getPayload());
    }
}

package health.vantage.models.keyless;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/**
 * A Sigstore of one's own: certificate authority, certificate log, transparency log and timestamp authority. All of its
 * signatures are real and made in this process; nobody's Fulcio or Rekor was contacted.
 */
public final class PrivateSigstore {
    /** Who established every identity here. */
    public static final String ISSUER = "https://login.clinic.example";

    static final String SIGN = "https://sigstore.dev/cosign/sign/v1";
    private static final String LOG = "rekor.clinic.example";
    private static final String FULCIO_ISSUER = "1.3.6.1.4.1.57264.1.8";
    private static final String SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";
    private static final Duration CERTIFICATE_LIFE = Duration.ofMinutes(10);

    private final Instant begin = Instant.parse("2026-01-01T00:00:00Z");
    private final KeyPair rootKey = newKey();
    private final KeyPair intermediateKey = newKey();
    private final KeyPair ctKey = newKey();
    private final KeyPair logKey = newKey();
    private final KeyPair tsaKey = newKey();
    private final X509Certificate root;
    private final X509Certificate intermediate;
    private final X509Certificate tsa;

    public PrivateSigstore() {
        X500Name name = new X500Name("O=clinic,CN=root");
        root = authority(name, rootKey, name, rootKey);
        intermediate = authority(name, rootKey, new X500Name("O=clinic,CN=fulcio"), intermediateKey);
        tsa = timestampAuthority();
    }

    /** What somebody who logged in gets from Fulcio: a key that is theirs for ten minutes. */
    public record Login(KeyPair key, X509Certificate certificate) {
        byte[] sign(byte[] message) {
            return PrivateSigstore.sign(key, message);
        }

        Instant begin() {
            return certificate.getNotBefore().toInstant();
        }

        String pem() {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der(certificate))
                    + "\n-----END CERTIFICATE-----\n";
        }
    }

    /** How a bundle comes about; each wrong turn is one of these otherwise. */
    record Signing(Instant loggedAt, boolean promised, boolean timestamped) {
        static Signing at(Instant time) {
            return new Signing(time, true, false);
        }
    }

    public Login login(String email, Instant at) {
        return login(ISSUER, email, at, KeyPurposeId.id_kp_codeSigning);
    }

    Login login(String issuer, String email, Instant at, KeyPurposeId purpose) {
        KeyPair key = newKey();
        try {
            X509CertificateHolder unlogged =
                    leaf(issuer, email, at, key, purpose).build(signer(intermediateKey));
            X509v3CertificateBuilder logged = leaf(issuer, email, at, key, purpose);
            byte[] tbs = unlogged.toASN1Structure().getTBSCertificate().getEncoded();
            logged.addExtension(
                    new ASN1ObjectIdentifier(SCT_LIST), false, new DEROctetString(certificateTimestamps(tbs, at)));
            return new Login(key, certificate(logged, intermediateKey));
        } catch (IOException | OperatorException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509v3CertificateBuilder leaf(String issuer, String email, Instant at, KeyPair key, KeyPurposeId purpose)
            throws IOException {
        return new JcaX509v3CertificateBuilder(
                        intermediate,
                        BigInteger.valueOf(at.toEpochMilli()),
                        Date.from(at),
                        Date.from(at.plus(CERTIFICATE_LIFE)),
                        new X500Name(""),
                        key.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                .addExtension(
                        Extension.subjectAlternativeName,
                        true,
                        new GeneralNames(new GeneralName(GeneralName.rfc822Name, email)))
                .addExtension(new ASN1ObjectIdentifier(FULCIO_ISSUER), false, new DERUTF8String(issuer));
    }

    /** RFC 6962, sections 3.2 and 3.3: a promise to log this certificate before it existed. */
    private byte[] certificateTimestamps(byte[] tbs, Instant at) {
        var signed = ByteBuffer.allocate(tbs.length + 49);
        signed.put((byte) 0).put((byte) 0).putLong(at.toEpochMilli()).putShort((short) 1);
        signed.put(sha256(intermediateKey.getPublic().getEncoded()));
        signed.put((byte) (tbs.length >> 16))
                .putShort((short) tbs.length)
                .put(tbs)
                .putShort((short) 0);
        byte[] signature = sign(ctKey, Arrays.copyOf(signed.array(), signed.position()));
        var sct = ByteBuffer.allocate(47 + signature.length);
        sct.put((byte) 0)
                .put(sha256(ctKey.getPublic().getEncoded()))
                .putLong(at.toEpochMilli())
                .putShort((short) 0);
        sct.put((byte) 4).put((byte) 3).putShort((short) signature.length).put(signature);
        var list = ByteBuffer.allocate(sct.capacity() + 4);
        return list.putShort((short) (sct.capacity() + 2))
                .putShort((short) sct.capacity())
                .put(sct.array())
                .array();
    }

    /** Signs as {@code cosign sign} of version 3 does, within the certificate's minutes. */
    public void sign(Repository repository, Digest subject, Login by) {
        byte[] statement = statement(subject, SIGN, Json.newObject());
        attach(repository, subject, bundle(by, statement, Signing.at(by.begin())));
    }

    /** As cosign 3 writes it: without a name of the subject. */
    static byte[] statement(Digest about, String predicateType, ObjectNode predicate) {
        ObjectNode statement = Json.newObject();
        statement.put("_type", "https://in-toto.io/Statement/v1");
        ObjectNode entry = statement.putArray("subject").addObject();
        entry.putObject("digest").put("sha256", about.hex());
        entry.putObject("annotations");
        statement.put("predicateType", predicateType);
        statement.set("predicate", predicate);
        return Json.bytes(statement);
    }

    static void attach(Repository repository, Digest subject, ObjectNode bundle) {
        Descriptor config = blob(repository, MediaTypes.OCI_EMPTY, "{}".getBytes(StandardCharsets.UTF_8));
        Descriptor layer = blob(repository, MediaTypes.SIGSTORE_BUNDLE, Json.bytes(bundle));
        byte[] manifest = Manifest.Artifact.of(MediaTypes.SIGSTORE_BUNDLE, config, List.of(layer), Map.of())
                .withSubject(repository.manifest(subject).descriptor())
                .toBytes();
        repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    static Descriptor blob(Repository repository, String type, byte[] content) {
        Descriptor descriptor = Descriptor.of(type, content);
        repository.putBlob(descriptor, BlobSource.of(content));
        return descriptor;
    }

    /** A bundle of the form v0.3 around a statement, as cosign 3 attaches it. */
    ObjectNode bundle(Login by, byte[] statement, Signing how) {
        String payloadType = "application/vnd.in-toto+json";
        byte[] signature = by.sign(dsse(payloadType, statement));
        byte[] entry = Json.bytes(dsseEntry(by, statement, signature));
        ObjectNode bundle = Json.newObject();
        bundle.put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json");
        ObjectNode material = bundle.putObject("verificationMaterial");
        material.putObject("certificate").put("rawBytes", base64(der(by.certificate())));
        material.putArray("tlogEntries").add(logEntry(entry, "dsse", how));
        if (how.timestamped()) {
            material.putObject("timestampVerificationData")
                    .putArray("rfc3161Timestamps")
                    .addObject()
                    .put(
                            "signedTimestamp",
                            base64(timestamp(signature, by.certificate().getNotBefore())));
        }
        ObjectNode envelope = bundle.putObject("dsseEnvelope");
        envelope.put("payload", base64(statement)).put("payloadType", payloadType);
        envelope.putArray("signatures").addObject().put("sig", base64(signature));
        return bundle;
    }

    private static ObjectNode dsseEntry(Login by, byte[] statement, byte[] signature) {
        ObjectNode entry = Json.newObject();
        entry.put("apiVersion", "0.0.1").put("kind", "dsse");
        ObjectNode spec = entry.putObject("spec");
        hash(spec.putObject("envelopeHash"), statement);
        hash(spec.putObject("payloadHash"), statement);
        spec.putArray("signatures")
                .addObject()
                .put("signature", base64(signature))
                .put("verifier", base64(by.pem().getBytes(StandardCharsets.US_ASCII)));
        return entry;
    }

    private static void hash(ObjectNode at, byte[] of) {
        at.put("algorithm", "sha256").put("value", Digest.of(of).hex());
    }

    private ObjectNode logEntry(byte[] body, String kind, Signing how) {
        byte[] leafHash = sha256(concat(new byte[] {0}, body));
        ObjectNode entry = Json.newObject();
        entry.put("logIndex", "0");
        entry.putObject("logId").put("keyId", base64(logId()));
        entry.putObject("kindVersion").put("kind", kind).put("version", "0.0.1");
        entry.put("integratedTime", Long.toString(how.loggedAt().getEpochSecond()));
        if (how.promised()) {
            entry.putObject("inclusionPromise")
                    .put("signedEntryTimestamp", base64(promise(base64(body), how.loggedAt())));
        }
        ObjectNode proof = entry.putObject("inclusionProof");
        proof.put("logIndex", "0").put("rootHash", base64(leafHash)).put("treeSize", "1");
        proof.putArray("hashes");
        proof.putObject("checkpoint").put("envelope", checkpoint(leafHash));
        entry.put("canonicalizedBody", base64(body));
        return entry;
    }

    private String checkpoint(byte[] rootHash) {
        String note = LOG + " - 1\n1\n" + base64(rootHash) + "\n";
        byte[] signature = sign(logKey, note.getBytes(StandardCharsets.UTF_8));
        return note + "\n\u2014 " + LOG + " " + base64(concat(Arrays.copyOf(logId(), 4), signature)) + "\n";
    }

    private byte[] promise(String body, Instant at) {
        ObjectNode entry = Json.newObject();
        entry.put("body", body).put("integratedTime", at.getEpochSecond());
        entry.put("logID", HexFormat.of().formatHex(logId())).put("logIndex", 0);
        return sign(logKey, Json.bytes(entry));
    }

    /** What cosign 2 writes into {@code dev.sigstore.cosign/bundle}. */
    String promiseOf(Login by, byte[] payload, byte[] signature, Instant at) {
        ObjectNode entry = Json.newObject();
        entry.put("apiVersion", "0.0.1").put("kind", "hashedrekord");
        ObjectNode spec = entry.putObject("spec");
        hash(spec.putObject("data").putObject("hash"), payload);
        ObjectNode signed = spec.putObject("signature").put("content", base64(signature));
        signed.putObject("publicKey").put("content", base64(by.pem().getBytes(StandardCharsets.US_ASCII)));
        String body = base64(Json.bytes(entry));
        ObjectNode root = Json.newObject();
        root.put("SignedEntryTimestamp", base64(promise(body, at)));
        root.putObject("Payload")
                .put("body", body)
                .put("integratedTime", at.getEpochSecond())
                .put("logIndex", 0)
                .put("logID", HexFormat.of().formatHex(logId()));
        return Json.text(root);
    }

    /** RFC 3161. */
    private byte[] timestamp(byte[] of, Date at) {
        try {
            TimeStampRequestGenerator asking = new TimeStampRequestGenerator();
            asking.setCertReq(true);
            TimeStampRequest request = asking.generate(TSPAlgorithms.SHA256, sha256(of));
            var digests = new JcaDigestCalculatorProviderBuilder().build();
            var tokens = new TimeStampTokenGenerator(
                    new JcaSimpleSignerInfoGeneratorBuilder().build("SHA256withECDSA", tsaKey.getPrivate(), tsa),
                    digests.get(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256)),
                    new ASN1ObjectIdentifier("1.2.3"));
            return new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED)
                    .generate(request, BigInteger.ONE, at)
                    .getEncoded();
        } catch (TSPException | OperatorException | IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The {@code trusted_root.json} that a clinic would hand out. */
    public String trustedRoot() {
        ObjectNode json = Json.newObject();
        json.put("mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1");
        log(json.putArray("tlogs").addObject(), "https://" + LOG, logKey);
        authority(json.putArray("certificateAuthorities").addObject(), "fulcio", intermediate, root);
        log(json.putArray("ctlogs").addObject(), "https://ct.clinic.example", ctKey);
        authority(json.putArray("timestampAuthorities").addObject(), "tsa", tsa, root);
        return Json.text(json);
    }

    private void log(ObjectNode at, String url, KeyPair key) {
        at.put("baseUrl", url).put("hashAlgorithm", "SHA2_256");
        at.putObject("publicKey")
                .put("rawBytes", base64(key.getPublic().getEncoded()))
                .put("keyDetails", "PKIX_ECDSA_P256_SHA_256")
                .putObject("validFor")
                .put("start", begin.toString());
        at.putObject("logId").put("keyId", base64(sha256(key.getPublic().getEncoded())));
    }

    private void authority(ObjectNode at, String name, X509Certificate... chain) {
        at.putObject("subject").put("organization", "clinic").put("commonName", name);
        at.put("uri", "https://" + name + ".clinic.example");
        var certificates = at.putObject("certChain").putArray("certificates");
        for (X509Certificate one : chain) {
            certificates.addObject().put("rawBytes", base64(der(one)));
        }
        at.putObject("validFor").put("start", begin.toString());
    }

    private X509Certificate authority(X500Name issuer, KeyPair by, X500Name subject, KeyPair key) {
        try {
            return certificate(
                    new JcaX509v3CertificateBuilder(
                                    issuer,
                                    BigInteger.TWO,
                                    Date.from(begin),
                                    Date.from(begin.plus(Duration.ofDays(3650))),
                                    subject,
                                    key.getPublic())
                            .addExtension(Extension.basicConstraints, true, new BasicConstraints(true)),
                    by);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate timestampAuthority() {
        try {
            return certificate(
                    new JcaX509v3CertificateBuilder(
                                    root,
                                    BigInteger.TEN,
                                    Date.from(begin),
                                    Date.from(begin.plus(Duration.ofDays(3650))),
                                    new X500Name("O=clinic,CN=tsa"),
                                    tsaKey.getPublic())
                            .addExtension(
                                    Extension.extendedKeyUsage,
                                    true,
                                    new ExtendedKeyUsage(KeyPurposeId.id_kp_timeStamping)),
                    rootKey);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate certificate(X509v3CertificateBuilder builder, KeyPair by) {
        try {
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(by)));
        } catch (OperatorException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ContentSigner signer(KeyPair key) throws OperatorException {
        return new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
    }

    private byte[] logId() {
        return sha256(logKey.getPublic().getEncoded());
    }

    private static KeyPair newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sign(KeyPair key, byte[] message) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key.getPrivate());
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] dsse(String type, byte[] payload) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(("DSSEv1 " + type.length() + " " + type + " " + payload.length + " ")
                .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static byte[] sha256(byte[] of) {
        return Digest.sha256().digest(of);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

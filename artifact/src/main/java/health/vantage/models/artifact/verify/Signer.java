package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Signs a manifest the way cosign does, so that {@code cosign verify --key} and our own verifier both accept it. */
public final class Signer {
    private static final int LONGEST_KEY = 16 << 10;

    private final PrivateKey privateKey;
    private final PublicKey publicKey;
    private final String algorithm;

    private Signer(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
        this.algorithm = TrustedKey.algorithm(publicKey);
    }

    /**
     * @param pem an unencrypted PKCS#8 ECDSA P-256 key, as {@code openssl genpkey -algorithm EC -pkeyopt
     *     ec_paramgen_curve:P-256} writes it
     * @throws IllegalArgumentException if it is anything else
     */
    public static Signer of(String pem) {
        if (pem != null && pem.contains("ENCRYPTED")) {
            throw new IllegalArgumentException(
                    "The private key is encrypted; sign with cosign itself, or give an" + " unencrypted PKCS#8 key");
        }
        byte[] der = Pem.decode(pem, "PRIVATE KEY", LONGEST_KEY);
        try {
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            if (!(key instanceof ECPrivateKey ec) || ec.getParams().getOrder().bitLength() != 256) {
                throw new IllegalArgumentException("The private key is not an ECDSA key on P-256");
            }
            ECPoint point = P256.publicPoint(ec.getS());
            PublicKey publicKey =
                    KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, ec.getParams()));
            return new Signer(key, publicKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("The private key is not an ECDSA key in PKCS#8", e);
        }
    }

    /** The public half, as PEM: what deployments trust. */
    public String publicKeyPem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(publicKey.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    public String keyId() {
        return TrustedKey.keyId(publicKey);
    }

    /** The form of cosign 2: a layer more under the tag {@code sha256-<hex>.sig}; earlier signatures stay. */
    public void signV2(Repository repository, Digest subject) {
        byte[] payload = simpleSigning(repository, subject);
        String signature = Base64.getEncoder().encodeToString(sign(payload));
        Descriptor layer =
                Descriptor.of(MediaTypes.COSIGN_PAYLOAD, payload).annotated(Map.of(CosignV2.SIGNATURE, signature));
        append(repository, CosignV2.tag(subject), layer, payload);
    }

    /**
     * States a predicate about a manifest in the form of cosign 2: a DSSE envelope more under the tag
     * {@code sha256-<hex>.att}; earlier attestations stay.
     *
     * @param type the predicate's type, such as {@code https://slsa.dev/provenance/v1}
     */
    public void attestV2(Repository repository, Digest subject, String type, ObjectNode predicate) {
        byte[] envelope = Json.bytes(envelope(Attestations.statement(repository, subject, type, predicate)));
        Descriptor layer = Descriptor.of(MediaTypes.DSSE_ENVELOPE, envelope)
                .annotated(Map.of(CosignV2.SIGNATURE, "", "predicateType", type));
        append(repository, Attestations.tag(subject), layer, envelope);
    }

    /** The same in the form of cosign 3: a referrer with a Sigstore bundle. */
    public void attestV3(Repository repository, Digest subject, String type, ObjectNode predicate) {
        attach(repository, subject, type, Attestations.statement(repository, subject, type, predicate));
    }

    private static void append(Repository repository, String tag, Descriptor layer, byte[] content) {
        List<Descriptor> layers = new ArrayList<>(layersOf(repository, tag));
        layers.add(layer);
        byte[] config = imageConfig(layers);
        repository.putBlob(layer, BlobSource.of(content));
        Descriptor configDescriptor = Descriptor.of(MediaTypes.OCI_CONFIG, config);
        repository.putBlob(configDescriptor, BlobSource.of(config));
        byte[] manifest =
                Manifest.Artifact.of(null, configDescriptor, layers, Map.of()).toBytes();
        repository.putManifest(tag, MediaTypes.OCI_MANIFEST, manifest);
    }

    /** The form of cosign 3: a referrer with a Sigstore bundle. */
    public void signV3(Repository repository, Digest subject) {
        attach(repository, subject, CosignV3.SIGN_PREDICATE, statement(subject));
    }

    private void attach(Repository repository, Digest subject, String predicateType, byte[] statement) {
        FetchedManifest signed = repository.manifest(subject);
        byte[] bundle = bundle(statement);
        byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
        Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, empty);
        Descriptor layer = Descriptor.of(MediaTypes.SIGSTORE_BUNDLE, bundle);
        repository.putBlob(config, BlobSource.of(empty));
        repository.putBlob(layer, BlobSource.of(bundle));
        byte[] manifest = Manifest.Artifact.of(
                        MediaTypes.SIGSTORE_BUNDLE,
                        config,
                        List.of(layer),
                        Map.of(
                                "dev.sigstore.bundle.content",
                                "dsse-envelope",
                                "dev.sigstore.bundle.predicateType",
                                predicateType))
                .withSubject(Descriptor.of(signed.mediaType(), subject, signed.bytes().length))
                .toBytes();
        repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    private static List<Descriptor> layersOf(Repository repository, String tag) {
        try {
            return repository.manifest(tag).parsed() instanceof Manifest.Artifact earlier
                    ? earlier.layers()
                    : List.of();
        } catch (TagNotFound e) {
            return List.of();
        }
    }

    private static byte[] simpleSigning(Repository repository, Digest subject) {
        ObjectNode root = Json.newObject();
        ObjectNode critical = root.putObject("critical");
        critical.putObject("identity")
                .put("docker-reference", repository.reference().repository());
        critical.putObject("image").put("docker-manifest-digest", subject.toString());
        critical.put("type", CosignV2.TYPE);
        root.putNull("optional");
        return Json.bytes(root);
    }

    /** cosign reads signatures as an image, and an image's config must list its layers. */
    private static byte[] imageConfig(List<Descriptor> layers) {
        ObjectNode root = Json.newObject();
        root.put("architecture", "");
        root.put("created", "0001-01-01T00:00:00Z");
        root.put("os", "");
        ObjectNode rootfs = root.putObject("rootfs");
        rootfs.put("type", "layers");
        var ids = rootfs.putArray("diff_ids");
        layers.forEach(layer -> ids.add(layer.digest().toString()));
        root.putObject("config");
        return Json.bytes(root);
    }

    private static byte[] statement(Digest subject) {
        ObjectNode root = Json.newObject();
        root.put("_type", CosignV3.STATEMENT);
        ObjectNode entry = root.putArray("subject").addObject();
        entry.putObject("digest").put("sha256", subject.hex());
        entry.putObject("annotations");
        root.put("predicateType", CosignV3.SIGN_PREDICATE);
        root.putObject("predicate");
        return Json.bytes(root);
    }

    private byte[] bundle(byte[] statement) {
        ObjectNode root = Json.newObject();
        root.put("mediaType", MediaTypes.SIGSTORE_BUNDLE);
        root.putObject("verificationMaterial").putObject("publicKey").put("hint", TrustedKey.hint(publicKey));
        root.set("dsseEnvelope", envelope(statement));
        return Json.bytes(root);
    }

    private ObjectNode envelope(byte[] statement) {
        byte[] signature = sign(Dsse.encode(CosignV3.PAYLOAD_TYPE, statement));
        ObjectNode envelope = Json.newObject();
        envelope.put("payload", Base64.getEncoder().encodeToString(statement));
        envelope.put("payloadType", CosignV3.PAYLOAD_TYPE);
        envelope.putArray("signatures")
                .addObject()
                .put("sig", Base64.getEncoder().encodeToString(signature));
        return envelope;
    }

    private byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("An ECDSA key that was read can sign", e);
        }
    }
}

package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.List;

/** What a manifest or index holds for a variant. */
final class VariantLookup {
    /** On an index entry: which variant it is, so that the others need not be fetched. */
    static final String VARIANT = ModelMetadata.VARIANT_ANNOTATION;

    private static final int MOST_ENTRIES = 64;

    private VariantLookup() {}

    /** The manifest itself, whatever variant it is; or those entries of an index that are of this variant. */
    static List<ModelArtifact> find(Repository repository, FetchedManifest fetched, String variant) {
        return switch (fetched.parsed()) {
            case Manifest.Artifact _ -> List.of(ModelReader.read(repository, fetched));
            case Manifest.Index index -> inIndex(repository, index, variant);
        };
    }

    private static List<ModelArtifact> inIndex(Repository repository, Manifest.Index index, String variant) {
        if (index.manifests().size() > MOST_ENTRIES) {
            throw new UnsupportedArtifact("A release index in " + repository.reference() + " has "
                    + index.manifests().size() + " entries; at most " + MOST_ENTRIES + " are read");
        }
        var found = new ArrayList<ModelArtifact>();
        for (Descriptor entry : index.manifests().stream().distinct().toList()) {
            // The annotation saves a fetch; what counts is the metadata under the entry's own digest.
            if (entry.annotation(VARIANT).map(variant::equals).orElse(true)) {
                ModelArtifact model = ModelReader.read(repository, repository.manifest(entry.digest()));
                if (model.metadata().variant().equals(variant)) {
                    found.add(model);
                }
            }
        }
        return found;
    }
}

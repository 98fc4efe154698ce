package health.vantage.models.artifact.resolve;

import health.vantage.models.artifact.ArtifactException.AmbiguousTags;
import health.vantage.models.artifact.ArtifactException.MetadataMismatch;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads exactly what a digest names: one variant's manifest, or an index with every variant. */
final class PinnedSearch {
    private PinnedSearch() {}

    static SortedMap<String, Found> find(Repository repository, Digest digest, List<String> variants) {
        FetchedManifest fetched = repository.manifest(digest);
        SortedMap<String, Found> found = new TreeMap<>();
        for (String variant : variants) {
            List<ModelArtifact> models = VariantLookup.find(repository, fetched, variant);
            if (models.size() > 1) {
                throw new AmbiguousTags("The index " + digest + " in " + repository.reference()
                        + " has several manifests for the variant '" + variant + "': "
                        + models.stream().map(m -> m.digest().toString()).collect(Collectors.joining(", "))
                        + ". Pin one of them");
            }
            if (models.isEmpty() || !models.getFirst().metadata().variant().equals(variant)) {
                String is = models.isEmpty()
                        ? "an index without that variant"
                        : "the variant '" + models.getFirst().metadata().variant() + "'";
                throw new MetadataMismatch("The variant '" + variant + "' was asked for, but " + digest + " in "
                        + repository.reference() + " is " + is
                        + ". Pin an index that has every variant, or ask for one variant");
            }
            ModelArtifact model = models.getFirst();
            found.put(variant, new Found(model, Optional.empty(), model.digest().toString()));
        }
        return found;
    }
}

package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.pack.ModelPusher;
import java.util.ArrayList;
import java.util.List;

/**
 * The tags that a version gets beside its own.
 *
 * @param image whether a container image is put beside it
 * @param promote whether the tags of its capabilities move to it
 */
record PushedTags(ModelPusher pusher, boolean image, boolean promote) {
    /** @return every tag that points at it now, but not those of its image */
    List<String> point(ModelMetadata metadata, Digest digest) {
        var tags = new ArrayList<String>(List.of(ModelPusher.alias(metadata)));
        if (promote) {
            tags.addAll(pusher.promote(digest));
        }
        if (image) {
            pusher.image(digest, tags);
        }
        return tags;
    }
}

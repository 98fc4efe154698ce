package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.TagNames;
import java.io.PrintWriter;
import java.util.List;

/** What packing or pushing made, for people and programs. */
final class PushReport {
    private final Reference target;
    private final Lines lines = new Lines();
    private final ArrayNode facts = JsonNodeFactory.instance.arrayNode();

    PushReport(Reference target) {
        this.target = target;
    }

    /** @param done "packed" or "pushed" */
    void add(String done, ModelMetadata metadata, Digest digest, long sizeBytes, PushedTags tags) {
        List<String> all = tags.point(metadata, digest);
        ObjectNode node = facts.addObject();
        node.put("reference", target.withTag(all.getFirst()).toString());
        node.put("digest", digest.toString());
        node.put("version", metadata.version());
        node.put("variant", metadata.variant());
        node.put("sizeBytes", sizeBytes);
        ArrayNode tagList = node.putArray("tags");
        all.forEach(tagList::add);
        node.put("image", tags.image());
        lines.add(done + " " + target.withTag(all.getFirst()) + " " + digest + " (" + Bytes.of(sizeBytes) + ")");
        all.stream().skip(1).forEach(tag -> lines.add("moved " + target.withTag(tag)));
        if (tags.image()) {
            all.forEach(tag -> lines.add("image " + target.withTag(TagNames.twin(tag))));
        }
    }

    void print(OutputFormat output, PrintWriter out) throws JsonProcessingException {
        output.print(out, facts, lines::print);
    }
}

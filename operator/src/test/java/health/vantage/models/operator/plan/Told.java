package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.Verification;
import java.util.List;

/** An instruction to a node, as tests like to write it; by default {@code imaging/retina-seg} stages its first version. */
public record Told(
        String namespace,
        String model,
        String uid,
        long epoch,
        Step step,
        ArtifactRef target,
        ArtifactRef lastGood,
        int device,
        boolean beside) {

    public static final String MODEL = "retina-seg";
    public static final String UID = "uid-retina-seg";
    public static final String NEW = "sha256:new";
    public static final String OLD = "sha256:old";

    public static Told to(Step step) {
        return new Told("imaging", MODEL, UID, 2, step, ref(NEW, 4_000), null, 0, false);
    }

    public static ArtifactRef ref(String digest, long vramMiB) {
        return new ArtifactRef("registry.vantage.health/vantage/retina-seg", digest, null, null, vramMiB, 1_000_000L);
    }

    public Told of(String otherModel) {
        return new Told(namespace, otherModel, "uid-" + otherModel, epoch, step, target, lastGood, device, beside);
    }

    public Told byUid(String otherUid) {
        return new Told(namespace, model, otherUid, epoch, step, target, lastGood, device, beside);
    }

    public Told in(long otherEpoch) {
        return new Told(namespace, model, uid, otherEpoch, step, target, lastGood, device, beside);
    }

    public Told target(String digest, long vramMiB) {
        return new Told(namespace, model, uid, epoch, step, ref(digest, vramMiB), lastGood, device, beside);
    }

    public Told lastGood(String digest, long vramMiB) {
        return new Told(namespace, model, uid, epoch, step, target, ref(digest, vramMiB), device, beside);
    }

    public Told on(int gpu) {
        return new Told(namespace, model, uid, epoch, step, target, lastGood, gpu, beside);
    }

    public Told loadedBeside() {
        return new Told(namespace, model, uid, epoch, step, target, lastGood, device, true);
    }

    public ModelInstruction instruction() {
        return new ModelInstruction(
                model,
                new DeploymentRef(namespace, model, uid),
                epoch,
                step,
                target,
                lastGood,
                List.of(),
                Verification.NONE,
                device,
                beside,
                3,
                0.01);
    }
}

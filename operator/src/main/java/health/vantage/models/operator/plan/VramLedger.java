package health.vantage.models.operator.plan;

import health.vantage.models.operator.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code free(gpu) = memory x share - headroom - sum(held)}, per GPU and never the sum of a node's GPUs: a model does
 * not spread over two.
 */
final class VramLedger {
    private VramLedger() {}

    /**
     * Finds the GPU for a model: the one it is on, else the fullest on which it fits.
     *
     * @param ownUid the deployment that asks; its own instruction counts as what it serves now
     * @param model the served name
     * @param extra memory that deployments ahead of this one are about to take
     */
    static Fit fit(NodeFacts node, String ownUid, String model, long needMiB, List<Holding> extra) {
        if (node.gpus().isEmpty()) {
            return new Fit.Misfit(
                    Reason.UnknownMemory,
                    "nothing says how much GPU memory it has: no nvidia.com/gpu.memory label, no memory.fallbackMiB on"
                            + " its ComputeTier, no reading of its runner yet");
        }
        List<Holding> held = Stream.concat(Holdings.ofOthers(node, ownUid).stream(), extra.stream())
                .toList();
        var own = node.instruction(model).filter(i -> i.deployment().uid().equals(ownUid));
        if (own.isPresent() && Holdings.serving(own.get()) > 0) {
            long old = Holdings.serving(own.get());
            int device = own.get().device();
            Optional<Gpu> gpu =
                    node.gpus().stream().filter(g -> g.index() == device).findFirst();
            if (gpu.isPresent()) {
                long free = free(gpu.get(), held);
                return free >= old + needMiB
                        ? new Fit.Fits(device, true)
                        : free >= Math.max(old, needMiB)
                                ? new Fit.Fits(device, false)
                                : tooLittle(gpu.get(), needMiB, held);
            }
        }
        return node.gpus().stream()
                .filter(gpu -> free(gpu, held) >= needMiB)
                .min(Comparator.comparingLong((Gpu gpu) -> free(gpu, held)).thenComparingInt(Gpu::index))
                .<Fit>map(gpu -> new Fit.Fits(gpu.index(), true))
                .orElseGet(() -> tooLittle(
                        node.gpus().stream()
                                .max(Comparator.comparingLong(gpu -> free(gpu, held)))
                                .orElseThrow(),
                        needMiB,
                        held));
    }

    private static long free(Gpu gpu, List<Holding> held) {
        return gpu.usableMiB()
                - held.stream()
                        .filter(h -> h.device() == gpu.index())
                        .mapToLong(Holding::memoryMiB)
                        .sum();
    }

    private static Fit tooLittle(Gpu gpu, long needMiB, List<Holding> held) {
        String holders = held.stream()
                .filter(h -> h.device() == gpu.index() && h.memoryMiB() > 0)
                .sorted(Comparator.comparingLong(Holding::memoryMiB).reversed().thenComparing(Holding::holder))
                .limit(3)
                .map(h -> h.holder() + " holds " + h.memoryMiB() + " MiB")
                .collect(Collectors.joining(", "));
        return new Fit.Misfit(
                Reason.InsufficientVRAM,
                "needs " + needMiB + " MiB, GPU " + gpu.index() + " has " + Math.max(0, free(gpu, held))
                        + " MiB free of " + gpu.usableMiB() + " MiB usable"
                        + (holders.isEmpty() ? "" : " (" + holders + ")"));
    }
}

package health.vantage.models.system.harness;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Keeps the cluster in JUnit's root store, which closes it after the last test. */
final class RealClusterExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(RealClusterExtension.class);

    /** JUnit closes what is closeable in a store. */
    private record Kept(RealCluster cluster) implements AutoCloseable {
        @Override
        public void close() {
            cluster.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RealCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(OURS)
                .getOrComputeIfAbsent(Kept.class, key -> new Kept(RealCluster.start()), Kept.class)
                .cluster();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Kept kept = context.getRoot().getStore(OURS).get(Kept.class, Kept.class);
        if (kept != null && context.getExecutionException().isPresent()) {
            kept.cluster().keepFolder();
            System.err.println(
                    context.getDisplayName() + " failed; the logs of the control plane and of the pods are kept in "
                            + kept.cluster().folder());
        }
    }
}

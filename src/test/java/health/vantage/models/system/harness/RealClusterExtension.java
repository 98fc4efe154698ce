package health.vantage.models.system.harness;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One cluster for all classes that a test process runs: in JUnit's store of the session, which closes it after the last.
 * The root store would not do, since Surefire's forks run each class as an execution of its own.
 */
final class RealClusterExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(RealClusterExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == RealCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return store(context).getOrComputeIfAbsent(RealCluster.class, key -> RealCluster.start(), RealCluster.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        RealCluster kept = store(context).get(RealCluster.class, RealCluster.class);
        if (kept != null && context.getExecutionException().isPresent()) {
            kept.keepFolder();
            System.err.println(context.getDisplayName()
                    + " failed; the logs of the control plane and of the pods are kept in " + kept.folder());
        }
    }

    private static Store store(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, OURS);
    }
}

package health.vantage.models.system.stories;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One world for all story classes that a test process runs: in JUnit's store of the session, which closes it after the
 * last. The root store would not do, since Surefire's forks run each class as an execution of its own.
 */
final class StoryWorldExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(StoryWorldExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == StoryWorld.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return store(context).getOrComputeIfAbsent(StoryWorld.class, key -> StoryWorld.start(), StoryWorld.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        StoryWorld kept = store(context).get(StoryWorld.class, StoryWorld.class);
        if (kept != null && context.getExecutionException().isPresent()) {
            kept.world().cluster().keepFolder();
            System.err.println(
                    context.getDisplayName() + " failed; the logs of the control plane and of the pods are kept in "
                            + kept.world().cluster().folder());
        }
    }

    private static Store store(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, OURS);
    }
}

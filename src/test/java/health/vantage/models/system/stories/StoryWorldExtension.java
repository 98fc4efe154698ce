package health.vantage.models.system.stories;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Keeps the world in JUnit's root store, which closes it after the last test. */
final class StoryWorldExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(StoryWorldExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == StoryWorld.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(OURS)
                .getOrComputeIfAbsent(StoryWorld.class, key -> StoryWorld.start(), StoryWorld.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        StoryWorld kept = context.getRoot().getStore(OURS).get(StoryWorld.class, StoryWorld.class);
        if (kept != null && context.getExecutionException().isPresent()) {
            kept.world().cluster().keepFolder();
            System.err.println(
                    context.getDisplayName() + " failed; the logs of the control plane and of the pods are kept in "
                            + kept.world().cluster().folder());
        }
    }
}

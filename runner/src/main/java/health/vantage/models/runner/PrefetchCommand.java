package health.vantage.models.runner;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.store.ModelStore;
import health.vantage.models.runner.store.Policies;
import health.vantage.models.runner.workstation.Answer;
import health.vantage.models.runner.workstation.Answers;
import health.vantage.models.runner.workstation.ModelWish;
import health.vantage.models.runner.workstation.WishResolver;
import health.vantage.models.runner.workstation.WorkstationConfig;
import health.vantage.models.runner.workstation.WorkstationFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fills the cache while there is a network: {@code serve} with the same file then starts without one. */
@Command(
        name = "prefetch",
        mixinStandardHelpOptions = true,
        description =
                "Pulls and verifies what a workstation's file names, and loads nothing. Exit code 1 if any model is missing.")
final class PrefetchCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "file.yaml", description = "The file that serve gets.")
    private Path config;

    @Mixin
    private StoreArguments storing;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        WorkstationConfig wanted = WorkstationFile.read(config);
        Path folder = storing.folder(Optional.of(wanted));
        Repositories repositories = storing.repositories();
        ModelStore store = storing.store(folder, repositories);
        WishResolver resolver = new WishResolver(repositories, Answers.open(folder.resolve(StoreArguments.ANSWERS)));
        PrintWriter out = spec.commandLine().getOut();
        int missing = 0;
        for (ModelWish wish : wanted.models()) {
            try {
                Answer answer = resolver.ask(wish);
                store.fetch(
                        answer.repository(),
                        Digest.parse(answer.digest()),
                        Policies.of(wanted.verify()),
                        PullListener.NONE);
                out.println(wish.name() + ": " + answer.version() + " " + answer.digest() + " is in " + folder);
            } catch (ArtifactException e) {
                missing++;
                spec.commandLine().getErr().println(wish.name() + ": " + e.reason() + ": " + e.getMessage());
            }
        }
        out.flush();
        return missing == 0 ? 0 : 1;
    }
}

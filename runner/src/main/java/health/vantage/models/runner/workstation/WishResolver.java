package health.vantage.models.runner.workstation;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolution;
import health.vantage.models.artifact.resolve.Resolver;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** Asks registries what a wish means now, and remembers what they said. */
public final class WishResolver {
    private final Repositories repositories;
    private final Answers answers;
    private final Resolver resolver = new Resolver();

    public WishResolver(Repositories repositories, Answers answers) {
        this.repositories = repositories;
        this.answers = answers;
    }

    /** @throws ArtifactException when the registry cannot be asked, or has nothing that fits */
    public Answer ask(ModelWish wish) {
        Repository repository = repositories.open(Reference.parse(wish.repository()));
        Resolution found = resolver.resolve(repository, wish.selector(), List.of(wish.variant()));
        Answer answer = Answer.to(wish, found.byVariant().get(wish.variant()).digest(), found.version());
        answers.put(wish.name(), answer);
        return answer;
    }

    /** A folder on a disk that is not mounted: as far away as a registry behind a pulled cable. */
    static boolean unmounted(ModelWish wish) {
        Reference reference = Reference.parse(wish.repository());
        return reference.isLayout() && !Files.exists(reference.folder());
    }

    /** What was answered last, perhaps in an earlier life of this machine. */
    Optional<Answer> remembered(ModelWish wish) {
        return answers.find(wish);
    }

    Answers answers() {
        return answers;
    }
}

package health.vantage.models.runner.workstation;

import health.vantage.models.artifact.Digest;

/**
 * What a registry answered to a wish.
 *
 * @param question the wish it answers, so that an answer to an older file is not taken for one to the present
 */
public record Answer(String question, String repository, String digest, String version) {
    static Answer to(ModelWish wish, Digest digest, String version) {
        return new Answer(question(wish), wish.repository(), digest.toString(), version);
    }

    static String question(ModelWish wish) {
        return wish.selector() + " for " + wish.variant() + " in " + wish.repository();
    }

    Digest parsedDigest() {
        return Digest.parse(digest);
    }
}

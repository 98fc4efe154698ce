/**
 * Whole-system stories: the real API server, the operator as its chart installs it, real runners, a real registry, and
 * models of a few hundred bytes. All story classes share one {@link
 * health.vantage.models.system.stories.StoryWorld}; each story has a namespace, a repository and a served name of its
 * own, and takes its ModelDeployment away when it ends.
 */
package health.vantage.models.system.stories;

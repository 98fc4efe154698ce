/**
 * Models that a program of its own serves over HTTP, such as vLLM or TorchServe: the runner starts it, hands it the verified files, watches
 * it, starts it again when it dies, and ends it with everything it has started.
 *
 * <table>
 * <caption>Where to look</caption>
 * <tr><td>{@link health.vantage.models.runner.engine.EngineSpec}</td><td>what a tier or a workstation's file says of a program</td></tr>
 * <tr><td>{@link health.vantage.models.runner.engine.EngineBackend}</td><td>the program among the runner's backends</td></tr>
 * <tr><td>{@link health.vantage.models.runner.engine.EngineProcess}</td><td>one life of it, which cannot outlive the runner</td></tr>
 * <tr><td>{@link health.vantage.models.runner.engine.SupervisedEngine}</td><td>one model: as many lives as it takes</td></tr>
 * <tr><td>{@link health.vantage.models.runner.engine.EngineProxy}</td><td>requests on their way to it</td></tr>
 * </table>
 */
package health.vantage.models.runner.engine;

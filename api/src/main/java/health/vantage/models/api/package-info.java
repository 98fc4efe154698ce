/**
 * The custom resources, group {@code models.vantage.health}, version {@code v1alpha1}: where people, the operator and
 * the runners meet.
 *
 * <table>
 * <caption>Who writes what</caption>
 * <tr><th>resource</th><th>spec</th><th>status</th></tr>
 * <tr><td>{@link health.vantage.models.api.ModelDeployment}</td><td>people, Git</td><td>operator</td></tr>
 * <tr><td>{@link health.vantage.models.api.ModelRevision}</td><td>operator, once</td><td>operator</td></tr>
 * <tr><td>{@link health.vantage.models.api.ModelNode}</td><td>operator, one list entry per deployment</td>
 *     <td>the node's runner</td></tr>
 * <tr><td>{@link health.vantage.models.api.ComputeTier}</td><td>people, the chart</td><td>operator</td></tr>
 * </table>
 *
 * <p>Enum constants are spelled as they stand in YAML: they are the API.
 */
package health.vantage.models.api;

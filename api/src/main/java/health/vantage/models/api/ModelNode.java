package health.vantage.models.api;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The meeting place of the operator and one node's runner; cluster-scoped, named like its node and owned by it.
 *
 * <p>Each ModelDeployment's reconciler applies only its own entry of {@code spec.models}, under a field manager of its
 * own, so reconcilers never fight. {@code status} is the runner's alone.
 */
@Group(ApiGroup.GROUP)
@Version(ApiGroup.VERSION)
@Kind("ModelNode")
@Singular("modelnode")
@Plural("modelnodes")
@ShortNames("vmn")
public class ModelNode extends CustomResource<ModelNodeSpec, ModelNodeStatus> {}

package health.vantage.models.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** <em>This capability, on these tiers, verified, on every node or on none.</em> What people and Git write. */
@Group(ApiGroup.GROUP)
@Version(ApiGroup.VERSION)
@Kind("ModelDeployment")
@Singular("modeldeployment")
@Plural("modeldeployments")
@ShortNames("vmd")
public class ModelDeployment extends CustomResource<ModelDeploymentSpec, ModelDeploymentStatus> implements Namespaced {}

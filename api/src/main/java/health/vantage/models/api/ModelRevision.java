package health.vantage.models.api;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * One resolved, verified artifact set of one ModelDeployment: the answer to <em>what ran here in March, and what was it
 * trained on</em>. Named after its content, so that writing it twice changes nothing.
 */
@Group(ApiGroup.GROUP)
@Version(ApiGroup.VERSION)
@Kind("ModelRevision")
@Singular("modelrevision")
@Plural("modelrevisions")
@ShortNames("vmr")
public class ModelRevision extends CustomResource<ModelRevisionSpec, ModelRevisionStatus> implements Namespaced {}

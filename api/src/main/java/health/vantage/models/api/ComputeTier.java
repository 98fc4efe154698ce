package health.vantage.models.api;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A kind of node: how to recognise its nodes, and how to run the runner there. */
@Group(ApiGroup.GROUP)
@Version(ApiGroup.VERSION)
@Kind("ComputeTier")
@Singular("computetier")
@Plural("computetiers")
@ShortNames("vct")
public class ComputeTier extends CustomResource<ComputeTierSpec, ComputeTierStatus> {}

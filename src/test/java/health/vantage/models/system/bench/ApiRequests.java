package health.vantage.models.system.bench;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API server has been asked for, by its own count. */
record ApiRequests(double ofOurs, double forLeases) {
    private static final Pattern COUNT = Pattern.compile("(?m)^apiserver_request_total\\{([^}]*)} ([\\d.e+]+)$");

    /**
     * Requests for our resources, for what the operator applies, and for leases, since the API server started. Watches are counted when
     * they end, which they do every few minutes whatever happens, and are left out.
     */
    static ApiRequests until(KubernetesClient client) {
        double ours = 0;
        double leases = 0;
        Matcher count = COUNT.matcher(client.raw("/metrics"));
        while (count.find()) {
            String labels = count.group(1);
            double requests = Double.parseDouble(count.group(2));
            if (labels.contains("verb=\"WATCH\"")) {
                continue;
            }
            if (labels.contains("resource=\"leases\"")) {
                leases += requests;
            } else if (labels.contains("group=\"models.vantage.health\"") || labels.contains("verb=\"APPLY\"")) {
                ours += requests;
            }
        }
        return new ApiRequests(ours, leases);
    }

    ApiRequests since(ApiRequests before) {
        return new ApiRequests(ofOurs - before.ofOurs, forLeases - before.forLeases);
    }
}

package health.vantage.models.system.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command lines of a control plane that listens on 127.0.0.1 alone, for the versions from 1.20 on.
 *
 * @param folder where certificates, keys and data lie
 * @param tokens CSV of the static tokens (token, user, uid, groups)
 */
record ControlPlaneCommands(
        Assets assets,
        KubeVersion version,
        Path folder,
        Path tokens,
        Path serviceAccountKey,
        Path serviceAccountPublicKey,
        Ports ports) {
    /** One port for each listener. */
    record Ports(int etcd, int etcdPeer, int apiServer, int controllers, int scheduler) {
        static Ports free() {
            return new Ports(
                    LoopbackPort.free(),
                    LoopbackPort.free(),
                    LoopbackPort.free(),
                    LoopbackPort.free(),
                    LoopbackPort.free());
        }
    }

    /**
     * Node lifecycle is left out: nobody renews the leases of simulated nodes, so it would mark them unreachable;
     * {@link SimulatedNodes} plays its part. The short names are understood by every version.
     */
    private static final String CONTROLLERS = String.join(
            ",",
            "clusterrole-aggregation",
            "daemonset",
            "deployment",
            "endpoint",
            "endpointslice",
            "garbagecollector",
            "job",
            "namespace",
            "podgc",
            "replicaset",
            "root-ca-cert-publisher",
            "serviceaccount",
            "serviceaccount-token",
            "statefulset");

    Path servingCertificate() {
        return folder.resolve("certificates/apiserver.crt");
    }

    List<String> etcd() {
        String client = "http://127.0.0.1:" + ports.etcd();
        String peer = "http://127.0.0.1:" + ports.etcdPeer();
        return List.of(
                program("etcd"),
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                // The data lives as long as the test: a crash of the machine need not be survived.
                "--unsafe-no-fsync",
                "--log-level=warn");
    }

    List<String> apiServer() {
        return List.of(
                program("kube-apiserver"),
                "--etcd-servers=http://127.0.0.1:" + ports.etcd(),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + ports.apiServer(),
                // It makes its own certificates there when there are none.
                "--cert-dir=" + folder.resolve("certificates"),
                "--token-auth-file=" + tokens,
                "--authorization-mode=Node,RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file=" + serviceAccountKey,
                "--service-account-key-file=" + serviceAccountPublicKey,
                "--service-cluster-ip-range=10.0.0.0/16",
                // Endpoints on the loopback are refused, and nobody uses the Service `kubernetes` here.
                "--endpoint-reconciler-type=none",
                // This plugin taints new nodes until node lifecycle takes the taint off, which does not run.
                "--disable-admission-plugins=TaintNodesByCondition",
                "--allow-privileged=true");
    }

    List<String> controllers(Path kubeconfig) {
        var command = new ArrayList<>(List.of(
                program("kube-controller-manager"),
                "--kubeconfig=" + kubeconfig,
                "--bind-address=127.0.0.1",
                "--secure-port=" + ports.controllers(),
                "--leader-elect=false",
                "--controllers=" + CONTROLLERS,
                "--service-account-private-key-file=" + serviceAccountKey,
                "--root-ca-file=" + servingCertificate(),
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--concurrent-gc-syncs=5"));
        closeInsecurePort(command);
        return command;
    }

    List<String> scheduler(Path kubeconfig) {
        var command = new ArrayList<>(List.of(
                program("kube-scheduler"),
                "--kubeconfig=" + kubeconfig,
                "--bind-address=127.0.0.1",
                "--secure-port=" + ports.scheduler(),
                "--leader-elect=false"));
        closeInsecurePort(command);
        return command;
    }

    /** Early versions listen without TLS on a fixed port as well; later ones do not know the flag. */
    private void closeInsecurePort(List<String> command) {
        if (!version.isAtLeast(22)) {
            command.add("--port=0");
        }
    }

    private String program(String name) {
        return assets.program(name).toString();
    }
}

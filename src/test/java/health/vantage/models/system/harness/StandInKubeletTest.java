package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithRealCluster
class StandInKubeletTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String NODE = "clinic-a";

    private final RealCluster cluster;
    private String namespace;

    StandInKubeletTest(RealCluster cluster) {
        this.cluster = cluster;
    }

    @BeforeEach
    void nodeAndImages() {
        cluster.nodes().create(NODE, NodeShape.jetson());
        cluster.kubelet().launch("example/shell", Launcher.commandOfThePod());
        cluster.kubelet()
                .launch(
                        "example/web",
                        Launcher.program("sh", "-c", """
                        exec "$JAVA_HOME/bin/jwebserver" -b 127.0.0.1 -p "$WEB_PORT" -d "$WEB_FOLDER"
                        """)
                                .withPort("WEB_PORT", 8080)
                                .withFolder("WEB_FOLDER", "/srv/web"));
        namespace = cluster.newNamespace("kubelet");
    }

    @AfterEach
    void removeNodes() {
        cluster.nodes().deleteAll();
    }

    @Test
    void aPodBecomesAProcessWithItsArgumentsAndEnvironment() {
        shell("speaks", """
                echo "$GREETING from $POD on $NODE_NAME in $NAMESPACE at $IP"; exec sleep 1000""");

        awaitReady("speaks");

        assertThat(cluster.kubelet().processes(namespace, "speaks")).hasSize(1);
        await().atMost(LIMIT).until(() -> cluster.kubelet()
                .log(namespace, "speaks")
                .contains("good day from speaks on " + NODE + " in " + namespace + " at 127.0.0.1"));
    }

    @Test
    void theProgramIsFoundEvenWhereThePodMountsItsOwnTmp(@TempDir Path folder) throws IOException {
        Path program = Files.writeString(folder.resolve("program"), "echo started with $1; exec sleep 1000");
        assertThat(program).startsWith(Path.of("/tmp"));
        cluster.kubelet().launch("example/program", Launcher.program("sh", program.toString()));

        pod("finds", "example/program:1", "args: [/tmp/scratch]\n");

        awaitReady("finds");
        await().atMost(LIMIT)
                .until(() ->
                        cluster.kubelet().log(namespace, "finds").matches("(?s)started with .*/volumes/tmp/scratch\n"));
    }

    @Test
    void aProcessThatIsKilledIsStartedAgainAndCounted() {
        shell("crashes", "exec sleep 1000");
        awaitReady("crashes");
        long first = pid("crashes");

        cluster.kubelet().kill(namespace, "crashes");

        awaitPod(
                "crashes",
                pod -> container(pod).getRestartCount() == 1 && container(pod).getReady());
        assertThat(pid("crashes")).isNotEqualTo(first);
        assertThat(container(get("crashes")).getLastState().getTerminated().getExitCode())
                .isEqualTo(128 + 9);
    }

    @Test
    void aProcessThatKeepsFailingIsShownWithWhatItSaid() {
        shell("fails", "echo no GPU found; exit 3");

        awaitPod(
                "fails",
                pod -> container(pod).getRestartCount() >= 2
                        && container(pod).getState().getWaiting() != null
                        && "CrashLoopBackOff"
                                .equals(container(pod).getState().getWaiting().getReason()));

        var end = container(get("fails")).getLastState().getTerminated();
        assertThat(end.getExitCode()).isEqualTo(3);
        assertThat(end.getMessage()).contains("no GPU found");
    }

    @Test
    void aDeletedPodGetsItsChanceToEndAndIsGone() throws IOException {
        Path witness = cluster.kubelet().hostPath(NODE, "/var/witness/ended");
        shell("leaves", """
                trap 'echo ended > "$WITNESS/ended"; exit 0' TERM; echo up; while :; do sleep 0.1; done""");
        awaitReady("leaves");
        await().atMost(LIMIT)
                .until(() -> cluster.kubelet().log(namespace, "leaves").contains("up"));
        LocalProcess process = cluster.kubelet().processes(namespace, "leaves").getFirst();

        cluster.client().pods().inNamespace(namespace).withName("leaves").delete();

        awaitGone("leaves");
        assertThat(process.isAlive()).isFalse();
        assertThat(Files.readString(witness)).isEqualTo("ended\n");
    }

    @Test
    void readinessFollowsTheProbeOnThePortThatStandsForTheContainers() throws Exception {
        Path page = cluster.kubelet().hostPath(NODE, "/var/web/healthy");
        Files.createDirectories(page.getParent());
        web("serves");
        await().atMost(LIMIT)
                .until(() -> container(get("serves")) != null
                        && container(get("serves")).getStarted());
        assertThat(container(get("serves")).getReady()).isFalse();

        Files.writeString(page, "yes");
        awaitReady("serves");
        int port = cluster.kubelet().port(namespace, "serves", 8080).orElseThrow();
        assertThat(fetch(port)).isEqualTo("yes");
        await().atMost(LIMIT).until(() -> ("8080=" + port)
                .equals(get("serves").getMetadata().getAnnotations().get("system.vantage.health/ports")));

        Files.delete(page);
        awaitPod("serves", pod -> !container(pod).getReady());
    }

    @Test
    void aPodMayDoWhatItsServiceAccountMayAndNoMore() {
        cluster.client()
                .load(new ByteArrayInputStream("""
                        apiVersion: rbac.authorization.k8s.io/v1
                        kind: Role
                        metadata: {name: reads-maps, namespace: %1$s}
                        rules: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]
                        ---
                        apiVersion: rbac.authorization.k8s.io/v1
                        kind: RoleBinding
                        metadata: {name: reads-maps, namespace: %1$s}
                        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads-maps}
                        subjects: [{kind: ServiceAccount, name: default, namespace: %1$s}]
                        """.formatted(namespace).getBytes(StandardCharsets.UTF_8)))
                .create();
        String kubectl = Assets.locate().program("kubectl").toString();
        // Not at the start of the word: a path in the container's /tmp stands there, and kubectl may lie in /tmp here.
        shell(
                "asks",
                "echo asking; " + kubectl + " get configmaps; " + kubectl + " get secrets; echo done; exec sleep 1000");

        await().atMost(LIMIT)
                .until(() -> cluster.kubelet().log(namespace, "asks").contains("done"));

        assertThat(cluster.kubelet().log(namespace, "asks"))
                .contains("kube-root-ca.crt")
                .contains("system:serviceaccount:" + namespace + ":default\" cannot list resource \"secrets\"");
    }

    @Test
    void aCrashedProcessIsStartedAgainWhileTheApiServerIsAway() {
        shell("goes-on", "exec sleep 1000");
        awaitReady("goes-on");
        long first = pid("goes-on");

        cluster.controlPlane().stopApiServer();
        try {
            cluster.kubelet().kill(namespace, "goes-on");
            await().atMost(LIMIT).until(() -> cluster.kubelet().processes(namespace, "goes-on").stream()
                    .anyMatch(process -> process.pid() != first));
            cluster.kubelet().restartOffline(NODE);
            await().atMost(LIMIT)
                    .until(() ->
                            cluster.kubelet().processes(namespace, "goes-on").size() == 1);
        } finally {
            cluster.controlPlane().startApiServer();
        }

        awaitPod(
                "goes-on",
                pod -> container(pod).getRestartCount() >= 2 && container(pod).getReady());
    }

    @Test
    void aPowerCutEndsEverythingOnTheNodeAndItComesBackWithThePower() {
        shell("lives", "exec sleep 1000");
        awaitReady("lives");
        LocalProcess process = cluster.kubelet().processes(namespace, "lives").getFirst();

        cluster.kubelet().stop(NODE);
        assertThat(process.isAlive()).isFalse();
        assertThat(nodeReady()).isEqualTo("Unknown");
        awaitPod("lives", pod -> !isReady(pod));

        cluster.kubelet().start(NODE);
        awaitReady("lives");
        assertThat(nodeReady()).isEqualTo("True");
        assertThat(cluster.kubelet().processes(namespace, "lives")).hasSize(1);
    }

    @Test
    void aNodeWithoutNetworkRunsOnAndItsPodsReachNobody() {
        String kubectl = Assets.locate().program("kubectl").toString();
        shell("cut-off", "while :; do " + kubectl + " get --raw /readyz 2>&1; echo; sleep 0.2; done");
        await().atMost(LIMIT)
                .until(() -> cluster.kubelet().log(namespace, "cut-off").contains("ok"));
        awaitReady("cut-off");

        cluster.kubelet().disconnect(NODE);
        await().atMost(LIMIT)
                .until(() -> cluster.kubelet().log(namespace, "cut-off").contains("refused"));
        assertThat(cluster.kubelet().processes(namespace, "cut-off")).hasSize(1);
        cluster.client().pods().inNamespace(namespace).withName("cut-off").delete();
        assertThat(cluster.kubelet().processes(namespace, "cut-off")).hasSize(1);

        cluster.kubelet().reconnect(NODE);
        awaitGone("cut-off");
    }

    @Test
    void anImageThatNobodyKnowsIsNotPretended() {
        pod("unknown", "registry.example/nobody/knows:1", "");

        awaitPod(
                "unknown",
                pod -> container(pod) != null
                        && container(pod).getState().getWaiting() != null
                        && "ErrImagePull"
                                .equals(container(pod).getState().getWaiting().getReason()));
        assertThat(container(get("unknown")).getState().getWaiting().getMessage())
                .contains("nobody/knows");
    }

    private void shell(String name, String script) {
        pod(name, "registry.example/example/shell:1", """
                command: [sh, -c, %s]
                """.formatted(Serialization.asJson(script)));
    }

    private void web(String name) {
        pod(name, "registry.example/example/web:1", """
                ports: [{containerPort: 8080, name: http}]
                readinessProbe: {httpGet: {path: /healthy, port: http}, periodSeconds: 1, failureThreshold: 1}
                """);
    }

    private void pod(String name, String image, String container) {
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .resource(Serialization.unmarshal("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: %s}
                        spec:
                          nodeName: %s
                          terminationGracePeriodSeconds: 5
                          volumes:
                          - {name: web, hostPath: {path: /var/web, type: DirectoryOrCreate}}
                          - {name: witness, hostPath: {path: /var/witness, type: DirectoryOrCreate}}
                          - {name: tmp, emptyDir: {}}
                          containers:
                          - name: main
                            image: "%s"
                            volumeMounts:
                            - {name: web, mountPath: /srv/web}
                            - {name: witness, mountPath: /witness}
                            - {name: tmp, mountPath: /tmp}
                            env:
                            - {name: GREETING, value: good day}
                            - {name: WITNESS, value: /witness}
                            - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                            - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                            - {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                            - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                        """.formatted(name, NODE, image) + container.indent(4), Pod.class))
                .create();
    }

    private Pod get(String name) {
        return cluster.client().pods().inNamespace(namespace).withName(name).get();
    }

    private long pid(String name) {
        return cluster.kubelet().processes(namespace, name).getFirst().pid();
    }

    private static ContainerStatus container(Pod pod) {
        var statuses = pod.getStatus().getContainerStatuses();
        return statuses.isEmpty() ? null : statuses.getFirst();
    }

    private void awaitReady(String name) {
        awaitPod(name, StandInKubeletTest::isReady);
    }

    private static boolean isReady(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private void awaitPod(String name, Predicate<Pod> condition) {
        await().atMost(LIMIT).untilAsserted(() -> {
            Pod pod = get(name);
            boolean holds = pod != null && container(pod) != null && condition.test(pod);
            assertThat(holds)
                    .withFailMessage(() -> pod == null ? "no pod" : Serialization.asYaml(pod.getStatus()))
                    .isTrue();
        });
    }

    private void awaitGone(String name) {
        await().atMost(LIMIT).until(() -> get(name) == null);
    }

    private String nodeReady() {
        return cluster.client().nodes().withName(NODE).get().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }

    private static String fetch(int port) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthy"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}

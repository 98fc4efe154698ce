package health.vantage.models.runner.kube;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.Gpu;
import org.junit.jupiter.api.Test;

/** On answers as nvidia-smi gives them with {@code --format=csv,noheader,nounits}. */
final class DeviceMemoryTest {
    @Test
    void everyDiscreteGpuIsReadWithTotalAndFreeMebibytes() {
        String answer = """
                0, NVIDIA RTX 6000 Ada Generation, 49140, 48213
                1, NVIDIA RTX 6000 Ada Generation, 49140, 1022
                """;

        assertThat(DeviceMemory.parse(answer))
                .containsExactly(
                        new Gpu(0, "NVIDIA RTX 6000 Ada Generation", 49140L, 48213L, false),
                        new Gpu(1, "NVIDIA RTX 6000 Ada Generation", 49140L, 1022L, false));
    }

    @Test
    void aJetsonThatHasNoMemoryOfItsOwnIsLeftToTheMachinesReading() {
        assertThat(DeviceMemory.parse("0, Orin (nvgpu), [N/A], [N/A]\n")).isEmpty();
        assertThat(DeviceMemory.parse("0, Orin (nvgpu), [Not Supported], [Not Supported]\n"))
                .isEmpty();
    }

    @Test
    void sentencesOfAFailingDriverAreNoGpus() {
        assertThat(DeviceMemory.parse(
                        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n"))
                .isEmpty();
        assertThat(DeviceMemory.parse("No devices were found\n")).isEmpty();
        assertThat(DeviceMemory.parse("")).isEmpty();
        assertThat(DeviceMemory.parse("0, NVIDIA H100, 99999999999999999999, 1\n"))
                .isEmpty();
    }

    @Test
    void withoutADiscreteGpuTheMachinesMemoryIsReportedAsShared() {
        assertThat(new DeviceMemory("cpu").read())
                .hasSizeGreaterThanOrEqualTo(1)
                .allSatisfy(gpu -> {
                    assertThat(gpu.memoryMiB()).isPositive();
                    assertThat(gpu.freeMiB()).isBetween(1L, gpu.memoryMiB());
                });
    }
}

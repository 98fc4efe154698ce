package health.vantage.models.runner.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Texts after nvidia-smi's documented forms: there is no GPU here. */
final class GpuMemoryTest {
    @Test
    void aNumberIsMebibytesAndAnythingElseIsUnknown() {
        assertThat(GpuMemory.parse("1234\n")).contains(1234L);
        assertThat(GpuMemory.parse("[N/A]\n")).isEmpty();
        assertThat(GpuMemory.parse("No devices were found\n")).isEmpty();
        assertThat(GpuMemory.parse("")).isEmpty();
    }

    @Test
    void onlyCudaDevicesAreAskedFor() {
        assertThat(GpuMemory.usedMiB("cpu")).isEmpty();
        assertThat(GpuMemory.usedMiB("cuda:0;rm")).isEmpty();
    }
}
